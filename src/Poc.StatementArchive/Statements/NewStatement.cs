using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Statements;

/// <summary>A statement that is checked and sealed, and is not on disk yet.</summary>
public sealed class NewStatement
{
    private readonly RecordStatementRequest _request;
    private readonly string _record;
    private readonly byte[] _nonce;
    private readonly byte[] _contentSha256;
    private readonly Guid _eventId;
    private readonly Activity? _trace = Activity.Current; // of the call; the writer has none

    /// <summary>Seals it under a key of its own.</summary>
    internal NewStatement(RecordStatementRequest request, Caller caller, ObjectKey key, IdSource ids, DateTimeOffset at)
    {
        (_request, CallerId, At) = (request, caller.Id, at);
        Name = StatementName.Of(request.Parent, request.StatementId);
        _record = EvidenceRecord.Of(Name, request.Statement);
        _nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        _contentSha256 = EvidenceRecord.Sha256(request.Statement.Text);
        (Id, EntryId, _eventId) = (key.ObjectId, ids.Next(), ids.Next());
        Sealed = key.Close(EntryId, new Evidence(request.Statement.Text, _record, _nonce));
        RequestSha256 = SHA256.HashData(request.ToByteArray());
    }

    /// <summary>Its id; the entry's object.</summary>
    public Guid Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its subject.</summary>
    public string Subject => _request.Parent;

    /// <summary>Of its entry.</summary>
    public Guid EntryId { get; }

    /// <summary>When it was recorded.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Who records it.</summary>
    public string CallerId { get; }

    /// <summary>Under which the caller may send the request again.</summary>
    public Guid RequestId => Guid.ParseExact(_request.RequestId, "D");

    /// <summary>What tells the request from another one with the same id.</summary>
    public byte[] RequestSha256 { get; }

    /// <summary>Words, record and nonce, sealed.</summary>
    public byte[] Sealed { get; }

    /// <summary>Bytes that it takes on disk, roughly.</summary>
    public long Weight => Sealed.Length;

    /// <summary>What is kept for repetitions of the request.</summary>
    public byte[] KeptAnswer => new RecordStatementResponse { Statement = new Statement { Name = Name } }.ToByteArray();

    /// <summary>Its entry, by an actor whom the log knows under that id.</summary>
    internal byte[] EntryBytes(Guid actor) => new LogEntry(LogEntry.Kinds.Statement, EntryId, Id, actor, At)
    {
        Commitment = Commitment.Of(_nonce, _contentSha256),
        RecordCommitment = EvidenceRecord.Commit(_nonce, _record),
        MediaType = "text/plain",
        Size = Encoding.UTF8.GetByteCount(_request.Statement.Text),
    }.ToBytes();

    /// <summary>Its event, with a body that ends where its place in the log is still to be written: the database gives that, and adds it and the brace.</summary>
    internal OutboxRow Event()
    {
        const string unknown = "-1}";
        var row = Outbox.Row(new StatementRecorded(_eventId, Name, 1, At, Subject, Convert.ToHexStringLower(_contentSha256), LogIndex: -1), _trace);
        return row.Body.EndsWith($":{unknown}", StringComparison.Ordinal)
            ? row with { Body = row.Body[..^unknown.Length] }
            : throw new InvalidOperationException("The place in the log is not the event's last member.");
    }

    /// <summary>What its caller is answered, once it is on disk.</summary>
    internal Statement Answer(long index, byte[] entry)
    {
        var statement = EvidenceRecord.Read<Statement>(_record);
        statement.Text = _request.Statement.Text;
        statement.ContentSha256 = ByteString.CopyFrom(_contentSha256);
        statement.CapturedAt = At.ToTimestamp();
        statement.LogIndex = index;
        statement.LogEntry = ByteString.CopyFrom(entry);
        statement.CommitmentNonce = ByteString.CopyFrom(_nonce);
        statement.RetractionState = RetractionState.Unknown;
        return statement;
    }
}
