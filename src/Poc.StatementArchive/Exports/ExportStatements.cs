using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Captures;
using Poc.StatementArchive.Custody;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Exports;

/// <summary>
/// Hands out everything about some statements and captures as one bag that outsiders verify offline. First it is put on record that each object is exported, then the
/// payload goes out, then an entry seals it with the hash of its manifest, and last come the proofs, all against one checkpoint.
/// </summary>
public sealed class ExportStatements(
    Database database, StoredEvidence stored, HandoverRecorder handovers, LogAppender log, ExportProofs proofs, ExportPolicy policy, LogKey key, IdSource ids, TimeProvider clock)
{
    private const int MaxNames = 100;

    private const string EntriesSql = "SELECT index, body FROM log_entries WHERE object_id = ANY ($1) ORDER BY index";

    /// <summary>Writes the bag as a tar file, in parts.</summary>
    public async Task HandleAsync(ExportStatementsRequest request, IServerStreamWriter<ExportStatementsResponse> stream, Caller caller, CancellationToken cancellation)
    {
        Check(request);
        var names = request.Names.Order(StringComparer.Ordinal).ToList();
        var export = await database.InTransactionAsync(tx => RecordExportAsync(tx, names, request, caller), cancellation);

        var output = new MessageStream(stream);
        var bag = new BagWriter(output, $"poc-export-{export.Contents.ExportId}", export.Contents.At);
        await WritePayloadAsync(bag, export, cancellation);
        var seal = await database.InTransactionAsync(tx => SealAsync(tx, export, bag.SealedManifest(), caller), cancellation);
        await proofs.WriteAsync(bag, [.. export.Entries, seal], cancellation);
        await bag.CompleteAsync(export.Contents, cancellation);
        await output.SendAsync(cancellation);
    }

    private static void Check(ExportStatementsRequest request) => HandoverRecorder.Check(new Violations()
        .Require(request.Names.Count is >= 1 and <= MaxNames, "names", $"must be from 1 to {MaxNames}")
        .Require(request.Names.Distinct(StringComparer.Ordinal).Count() == request.Names.Count, "names", "must have none twice")
        .Require(!request.Names.Any(name => name.Contains('\0', StringComparison.Ordinal)), "names", "must not have U+0000"), request.Recipient, request.Purpose)
        .ThrowIfAny();

    /// <summary>Before the first byte leaves: who exports what for whom, about each object; and so what belongs to it.</summary>
    private async Task<Export> RecordExportAsync(Tx tx, IReadOnlyList<string> names, ExportStatementsRequest request, Caller caller)
    {
        // In the order of their names, so that two exports of the same objects wait for each other and not each for the other.
        var objects = new List<(string Name, Guid Id)>();
        foreach (var name in names)
        {
            objects.Add((name, (await ObjectName.FindLockedAsync(tx, name))?.Id ?? await ObjectName.FindErasedAsync(tx, name) ?? throw ObjectName.NotFound(name)));
        }

        var (exportId, at) = (ids.Next(), clock.Now());
        var actor = await log.ActorAsync(tx, caller.Id);
        var handover = new HandoverDocument(HandoverDocument.Exported, exportId, request.Recipient, request.Purpose);
        foreach (var (_, id) in objects)
        {
            await handovers.RecordAsync(tx, id, actor, handover, at);
        }

        var entries = await tx.QueryAsync(
            EntriesSql, static row => new ExportedEntry(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), objects.ConvertAll(exported => exported.Id).ToArray());
        var indices = entries.ToLookup(static entry => entry.Entry.ObjectId, static entry => entry.Index);
        var contents = new ExportContents(
            exportId, key.Verifier.Name, at, request.Recipient, request.Purpose, objects.ConvertAll(exported => new ExportedObject(exported.Id, exported.Name, [.. indices[exported.Id]])));
        return new Export(contents, entries);
    }

    private async Task WritePayloadAsync(BagWriter bag, Export export, CancellationToken cancellation)
    {
        var files = new List<CrateFile>();
        var names = export.Contents.Objects.ToDictionary(exported => exported.ObjectId, exported => exported.Name);
        var erased = export.Entries.Where(exported => exported.Entry.Kind == LogEntry.Kinds.Erased).Select(exported => exported.Entry.ObjectId).ToHashSet();
        foreach (var exported in export.Entries.Where(exported => exported.Entry is { Commitment: not null } or { RecordCommitment: not null }))
        {
            var entry = exported.Entry;
            var evidence = await database.ReadAsync(tx => stored.OfEntryAsync(tx, entry.ObjectId, entry.Id), cancellation);
            if (evidence is null && erased.Contains(entry.ObjectId))
            {
                continue;
            }

            if (evidence is null && await database.ReadAsync(tx => ErasedObjects.IsErasedAsync(tx, names[entry.ObjectId]), cancellation))
            {
                // Since the export began; one that is begun now tells so.
                throw ArchiveErrors.ObjectErased(names[entry.ObjectId]);
            }

            await WriteEvidenceAsync(exported, evidence ?? throw ArchiveErrors.ContentChanged(exported.Index), names[entry.ObjectId]);
        }

        await WriteAsync(ExportLayout.Contents, export.Contents.ToBytes(), "What was exported", "application/json", about: null);
        await WriteAsync(ExportLayout.Policy, policy.ToBytes(), "The policy that the archive proposes", "text/plain", about: null);
        await bag.AddAsync(ExportLayout.Crate, ExportCrate.Of(export.Contents, files), cancellation);

        async Task WriteEvidenceAsync(ExportedEntry exported, Evidence evidence, string name)
        {
            var (index, entry) = (exported.Index, exported.Entry);
            await WriteAsync(ExportLayout.Nonce(index), ExportLayout.NonceBytes(evidence.Nonce), "Opens the commitments of the entry", "text/plain", name);
            if (entry.RecordCommitment is not null)
            {
                var record = Encoding.UTF8.GetBytes(evidence.Record ?? throw ArchiveErrors.ContentChanged(index));
                Require(index, entry.RecordCommitment, evidence.Nonce, SHA256.HashData(record));
                await WriteAsync(ExportLayout.Record(index), record, $"What was recorded ({entry.Kind})", "application/json", name);
            }

            if (entry.Commitment is not null)
            {
                await using var content = evidence.Text is { } text
                    ? new MemoryStream(Encoding.UTF8.GetBytes(text))
                    : (Stream)new CaptureStream(database, stored, entry.ObjectId, entry.Size ?? throw ArchiveErrors.ContentChanged(index), index);
                var path = ExportLayout.Content(index, entry.MediaType);
                var sha256 = await bag.AddAsync(path, content, cancellation);
                Require(index, entry.Commitment, evidence.Nonce, sha256);
                files.Add(new CrateFile(path, ExportCrate.Describe(entry), entry.MediaType ?? "application/octet-stream", content.Length, name));
            }
        }

        async Task WriteAsync(string path, byte[] bytes, string description, string mediaType, string? about)
        {
            await bag.AddAsync(path, bytes, cancellation);
            files.Add(new CrateFile(path, description, mediaType, bytes.Length, about));
        }
    }

    // Evidence that would not stand the check of those who get it is not handed out.
    private static void Require(long index, byte[] commitment, byte[] nonce, byte[] sha256)
    {
        if (nonce.Length != Commitment.NonceSize || !Commitment.Of(nonce, sha256).AsSpan().SequenceEqual(commitment))
        {
            throw ArchiveErrors.ContentChanged(index);
        }
    }

    private async Task<ExportedEntry> SealAsync(Tx tx, Export export, byte[] manifest, Caller caller)
    {
        var actor = await log.ActorAsync(tx, caller.Id);
        var seal = new LogEntry(LogEntry.Kinds.Custody, ids.Next(), export.Contents.ExportId, actor, clock.Now())
        {
            Sha256 = SHA256.HashData(manifest),
        };
        return new ExportedEntry((await log.AppendAsync(tx, seal)).Index, seal.ToBytes());
    }

    private sealed record Export(ExportContents Contents, IReadOnlyList<ExportedEntry> Entries);
}
