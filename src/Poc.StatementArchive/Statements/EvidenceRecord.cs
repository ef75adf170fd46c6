using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Json;
using Poc.Kernel.Log;

namespace Poc.StatementArchive.Statements;

/// <summary>
/// What is recorded with a content, as canonical JSON under the names of the proto: written once, hashed into the log, and read back from then on. What the
/// archive shows of a statement is therefore what was committed to.
/// </summary>
internal static class EvidenceRecord
{
    private static readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    // While replicas of two versions run, the older one reads what the newer one wrote.
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>The record of a statement: all but its text and what is only output.</summary>
    public static string Of(string name, Statement statement)
    {
        var record = statement.Clone();
        record.Name = name;
        record.Text = "";
        record.CapturedAt = null;
        record.ContentSha256 = ByteString.Empty;
        record.LogIndex = 0;
        record.LogEntry = ByteString.Empty;
        record.CommitmentNonce = ByteString.Empty;
        record.RetractionState = RetractionState.Unspecified;
        record.Translations.Clear();
        record.Annotations.Clear();
        record.LegalHold = false;
        record.Erasure = null;
        record.RedactedFields.Clear();
        record.Links.Clear();
        return Canonical(record);
    }

    /// <summary>The record of a translation: all but its text and when it was added.</summary>
    public static string Of(Translation translation)
    {
        var record = translation.Clone();
        record.Text = "";
        record.AddedAt = null;
        record.State = TranslationState.Unspecified;
        record.Reviews.Clear();
        return Canonical(record);
    }

    /// <summary>The record of a ledger entry: all of it but its place in the log.</summary>
    public static string Of(RetractionEntry entry)
    {
        var record = entry.Clone();
        record.LogIndex = 0;
        return Canonical(record);
    }

    /// <summary>The record of a capture: where it came from and how, and what its bytes look like. What the entry says itself is not said again.</summary>
    public static string Of(Capture capture) => Canonical(new Capture
    {
        Source = capture.Source,
        SourceUrl = capture.SourceUrl,
        Tool = capture.Tool,
        Collector = capture.Collector,
        Saved = capture.Saved,
        DetectedMediaType = capture.DetectedMediaType,
    });

    /// <summary>The record of something that is nothing but its record.</summary>
    public static string Of(LegalHold said) => Canonical(said);

    /// <inheritdoc cref="Of(LegalHold)"/>
    public static string Of(Annotation note) => Canonical(note);

    /// <summary>Reads a record back.</summary>
    public static T Read<T>(string record) where T : IMessage, new() => _parser.Parse<T>(record);

    /// <summary>The commitment to a text, by the nonce stored with it.</summary>
    public static byte[] Commit(byte[] nonce, string text) => Commitment.Of(nonce, Sha256(text));

    /// <summary>SHA-256 of the text's UTF-8 bytes.</summary>
    public static byte[] Sha256(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Canonical(IMessage message) => Encoding.UTF8.GetString(CanonicalJson.Rewrite(Encoding.UTF8.GetBytes(_formatter.Format(message))));
}
