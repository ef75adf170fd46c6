using System.Globalization;
using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Kernel.Text;
using Poc.Postgres;
using Poc.StatementArchive.Annotations;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Retractions;
using Verdict = Poc.Contracts.StatementArchive.V1.CitationFinding.Types.Verdict;

namespace Poc.StatementArchive.Statements;

/// <summary>
/// Checks citations before somebody signs for them: reads the cited content again, proves by the kernel's verifier that its entry is in the signed log,
/// holds the content against that entry's commitments, and looks for the words where they are said to stand. Believes no column that a commitment does not
/// cover.
/// </summary>
public sealed class VerifyCitations(Database database, KeyStore keys, LogReader reader)
{
    private const int MaxCitations = 100;

    private const string IndicesSql = """
        SELECT coalesce(max(e.index), -1) FROM statements s
        LEFT JOIN translations t ON t.statement_id = s.statement_id
        JOIN log_entries e ON e.entry_id IN (s.entry_id, t.entry_id) WHERE s.name = ANY ($1)
        """;

    private const string StatementSql = """
        SELECT s.statement_id, s.subject, s.entry_id, s.sealed, e.index, e.body FROM statements s LEFT JOIN log_entries e USING (entry_id) WHERE s.name = $1
        """;

    private const string TranslationSql = """
        SELECT t.statement_id, s.subject, t.entry_id, t.sealed, e.index, e.body FROM translations t JOIN statements s USING (statement_id) LEFT JOIN log_entries e ON e.entry_id = t.entry_id
        WHERE t.statement_id = $1 AND t.language = $2 AND t.version = $3
        """;

    /// <summary>One finding for each citation, in order; all see the archive as of one moment.</summary>
    public async Task<VerifyCitationsResponse> HandleAsync(VerifyCitationsRequest request, CancellationToken cancellation)
    {
        new Violations()
            .MaxCount("citations", request.Citations.Count, MaxCitations)
            .Require(
                !request.Citations.Any(citation => (citation.Statement + citation.TranslationLanguage).Contains('\0', StringComparison.Ordinal)),
                "citations", "must not have U+0000")
            .ThrowIfAny();
        var names = request.Citations.Select(citation => citation.Statement).Distinct().ToArray();
        var newest = await database.ReadAsync(tx => tx.ScalarAsync<long>(IndicesSql, (object)names), cancellation);
        if (newest >= 0)
        {
            await reader.CoveredAsync(newest, cancellation);
        }

        return await database.ReadAsync(async tx =>
        {
            var response = new VerifyCitationsResponse();
            foreach (var citation in request.Citations)
            {
                var finding = await VerifyAsync(tx, citation);
                finding.Citation = citation;
                response.Findings.Add(finding);
            }

            return response;
        }, cancellation);
    }

    private async Task<CitationFinding> VerifyAsync(Tx tx, Citation citation)
    {
        if (await ReadAsync(tx, StatementSql, LogEntry.Kinds.Statement, citation.Statement) is not { } original)
        {
            return await ErasedAsync(tx, citation.Statement) ?? Refused(Verdict.StatementUnknown, $"The archive has no statement {citation.Statement}.");
        }

        // What cannot be opened says nothing of itself, and is refused below for what it is.
        var statement = original.Opened is { Record: { } record } ? EvidenceRecord.Read<Statement>(record) : new Statement { Name = citation.Statement };
        var finding = await VerifyAsync(tx, citation, original, statement);
        if (original.Key is { } key)
        {
            try
            {
                finding.RetractionState = RetractionFold.Of(await RetractionLedger.ReadAsync(tx, key));
            }
            catch (RpcError changed)
            {
                return Refused(Verdict.ContentChanged, changed.Message, original);
            }
        }

        return finding;
    }

    /// <summary>What remains of an erased statement: that it was in the log, with the proof, and why it is gone. Null where none was erased.</summary>
    private async Task<CitationFinding?> ErasedAsync(Tx tx, string name)
    {
        if (await ErasedObjects.StatementAsync(tx, name) is not { } erased)
        {
            return null;
        }

        var checkpoint = await reader.NewestAsync(tx);
        return new CitationFinding
        {
            Verdict = Verdict.Erased,
            Detail = $"The statement was erased ({erased.Erasure.Reason}). That it was archived is proven; its words are gone.",
            Proof = erased.LogIndex < checkpoint.Tree.Size ? await GetInclusionProof.ProveAsync(tx, erased.LogIndex, erased.LogEntry.ToByteArray(), checkpoint) : null,
        };
    }

    private async Task<CitationFinding> VerifyAsync(Tx tx, Citation citation, Cited original, Statement statement)
    {
        if (statement.ContentKind == ContentKind.UnspecifiedReport)
        {
            return Refused(Verdict.NotSpecific, "It reports that something was said and does not specify it; no words of it can be cited.");
        }

        if (citation.Span is null || citation.Span.KindCase == Span.KindOneofCase.None)
        {
            return Refused(Verdict.SpanMissing, "A citation names the exact part it cites.");
        }

        var cited = original;
        if (citation.TranslationVersion != 0 || citation.TranslationLanguage.Length > 0)
        {
            var (language, version) = (citation.TranslationLanguage, citation.TranslationVersion);
            if (await ReadAsync(tx, TranslationSql, LogEntry.Kinds.Translation, original.StatementId, language, version) is not { } rendering)
            {
                return Refused(
                    Verdict.TranslationUnknown,
                    string.Create(CultureInfo.InvariantCulture, $"There is no version {version} of a translation into '{language}'."));
            }

            cited = rendering;
            if (original.Key is { } key)
            {
                var ring = new KeyRing(new Dictionary<Guid, ObjectKey> { [key.ObjectId] = key });
                var notes = (await StoredAnnotations.LookupAsync(tx, ring, [key.ObjectId]))[key.ObjectId];
                var state = TranslationReviews.Of(TranslationReviews.Among(notes, language, version));
                if (!TranslationReviews.CanBeCited(state))
                {
                    return Refused(
                        Verdict.TranslationDisputed,
                        state == TranslationState.Disputed ? "A second translator disputes this version, and nobody has decided." : "This version was disputed and found wrong.");
                }
            }
        }

        // A translation is evidence of nothing if what it translates was changed.
        var checkpoint = await reader.NewestAsync(tx);
        foreach (var evidence in ReferenceEquals(cited, original) ? [original] : new[] { original, cited })
        {
            if (await UnprovenAsync(tx, evidence, checkpoint) is { } unproven)
            {
                return Refused(Verdict.InclusionUnproven, unproven, evidence);
            }

            if (Changed(evidence) is { } changed)
            {
                return Refused(Verdict.ContentChanged, changed, evidence);
            }
        }

        if (statement.Name != citation.Statement)
        {
            return Refused(Verdict.ContentChanged, "The statement was recorded under another name.", original);
        }

        if (Missed(citation.Span, cited.Opened!.Text!, statement.MediaDurationMs) is { } missed)
        {
            return Refused(Verdict.SpanMismatch, missed, cited);
        }

        return new CitationFinding
        {
            Verdict = Verdict.Verified,
            Detail = "Content re-hashed, span found, inclusion proven.",
            ContentSha256 = ByteString.CopyFrom(EvidenceRecord.Sha256(cited.Opened!.Text!)),
            Proof = await GetInclusionProof.ProveAsync(tx, cited.Index!.Value, cited.Body!, checkpoint),
        };
    }

    /// <summary>Why the evidence's entry is not proven to be in the log; null when it is.</summary>
    private static async Task<string?> UnprovenAsync(Tx tx, Cited evidence, SignedCheckpoint checkpoint)
    {
        if (evidence.Body is not { } body || evidence.Index is not { } index)
        {
            return "It has no entry in the log.";
        }

        if (index >= checkpoint.Tree.Size)
        {
            return "The newest checkpoint does not cover its entry yet.";
        }

        IReadOnlyList<byte[]> path;
        try
        {
            path = await LogReader.ProofAsync(tx, ProofPlan.Inclusion(index, checkpoint.Tree.Size));
        }
        catch (LogInconsistentException)
        {
            return "The log lacks what a proof is made of.";
        }

        if (!ProofVerifier.Inclusion(MerkleTree.HashLeaf(body), index, checkpoint.Tree.Size, path, checkpoint.Tree.RootHash))
        {
            return "Its entry as stored is not the one in the signed log.";
        }

        // From here on the entry is to be believed. Is it the one of this content?
        return EvidenceCheck.Open(body, evidence.Kind, evidence.StatementId).Problem;
    }

    /// <summary>What differs from what was committed to; null when nothing does. The entry is proven already.</summary>
    private static string? Changed(Cited evidence) => EvidenceCheck.Changed(LogEntry.Parse(evidence.Body), evidence.Opened);

    /// <summary>Why the span is not in the content; null when it is.</summary>
    private static string? Missed(Span span, string content, long durationMs)
    {
        if (span.KindCase == Span.KindOneofCase.Text)
        {
            return CodePoints.Slice(content, span.Text.Start, span.Text.End) switch
            {
                null => "The span does not lie within the text.",
                var words when string.Equals(words, span.Text.Exact, StringComparison.Ordinal) => null,
                _ => "Other words stand at that position.",
            };
        }

        return span.Media.StartMs >= 0 && span.Media.StartMs < span.Media.EndMs && span.Media.EndMs <= durationMs
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"The span does not lie within the recording, which has {durationMs} ms.");
    }

    private async Task<Cited?> ReadAsync(Tx tx, string sql, string kind, params object?[] values)
    {
        if (await tx.QuerySingleOrDefaultAsync(
            sql,
            row => (Id: row.GetGuid(0), Subject: row.GetString(1), EntryId: row.GetGuid(2), Sealed: row.GetFieldValue<byte[]>(3),
                Index: row.IsDBNull(4) ? null : (long?)row.GetInt64(4), Body: row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5)),
            values) is not { Sealed: not null } found)
        {
            return null;
        }

        var key = await keys.FindAsync(found.Id, found.Subject, tx.Cancellation);
        return new Cited(kind, found.Id, key, key?.Open(found.EntryId, found.Sealed), found.Index, found.Body);
    }

    private static CitationFinding Refused(Verdict verdict, string detail, Cited? evidence = null) => new()
    {
        Verdict = verdict,
        Detail = detail,
        ContentSha256 = evidence?.Opened?.Text is { } text ? ByteString.CopyFrom(EvidenceRecord.Sha256(text)) : ByteString.Empty,
    };

    // A content with what the log should say of it.
    private sealed record Cited(string Kind, Guid StatementId, ObjectKey? Key, Evidence? Opened, long? Index, byte[]? Body);
}
