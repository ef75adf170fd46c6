using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using static Poc.Contracts.StatementArchive.V1.CitationFinding.Types;

namespace Poc.Review;

/// <summary>
/// What the archive is asked. Slices ask inside their transaction: what they write must rest on what the archive said at that moment, and a repetition of a
/// request must be answered from the record without asking again. Such writes are few, and <see cref="ReviewOptions.ArchiveDeadline"/> bounds the wait.
/// </summary>
internal sealed class Archive(StatementArchiveService.StatementArchiveServiceClient client, IOptions<ReviewOptions> options, TimeProvider clock)
{
    /// <summary>The archive takes so many citations at once.</summary>
    public const int MaxCitations = 100;

    /// <summary>Has every citation verified now; gives the findings in their order.</summary>
    /// <exception cref="Poc.Grpc.RpcError">FAILED_PRECONDITION CITATION_REFUSED for the first that is not verified; UNAVAILABLE
    /// ARCHIVE_UNAVAILABLE.</exception>
    public async Task<IReadOnlyList<CitationFinding>> VerifyAsync(IReadOnlyList<Citation> citations, CancellationToken cancellation)
    {
        if (citations.Count == 0)
        {
            return [];
        }

        var answer = await AskAsync(options => client.VerifyCitationsAsync(new VerifyCitationsRequest { Citations = { citations } }, options), cancellation);
        if (answer.Findings.Count != citations.Count)
        {
            throw new InvalidOperationException($"The archive gave {answer.Findings.Count} findings for {citations.Count} citations.");
        }

        for (var i = 0; i < citations.Count; i++)
        {
            if (answer.Findings[i].Verdict != Verdict.Verified)
            {
                throw ReviewErrors.CitationRefused(citations[i].Statement, i, EnumText<Verdict>.Of(answer.Findings[i].Verdict), answer.Findings[i].Detail);
            }
        }

        return answer.Findings;
    }

    /// <summary>Makes sure that words can be cited from the statement at all.</summary>
    /// <exception cref="Poc.Grpc.RpcError">FAILED_PRECONDITION STATEMENT_NOT_CITABLE: unknown to the archive, or a report that specifies no words; UNAVAILABLE
    /// ARCHIVE_UNAVAILABLE.</exception>
    public async Task RequireCitableAsync(string statement, CancellationToken cancellation)
    {
        try
        {
            var answer = await AskAsync(options => client.GetStatementAsync(new GetStatementRequest { Name = statement }, options), cancellation);
            if (answer.Statement.ContentKind is ContentKind.UnspecifiedReport or ContentKind.Unspecified)
            {
                throw ReviewErrors.StatementNotCitable(statement, EnumText<Verdict>.Of(Verdict.NotSpecific));
            }
        }
        catch (RpcException problem) when (problem.StatusCode == StatusCode.NotFound)
        {
            throw ReviewErrors.StatementNotCitable(statement, EnumText<Verdict>.Of(Verdict.StatementUnknown));
        }
    }

    /// <summary>Makes sure that a "not retracted" rests on a dated search that found none (DOMAIN, invariant 9).</summary>
    /// <exception cref="Poc.Grpc.RpcError">FAILED_PRECONDITION SEARCH_RECORD_MISSING; UNAVAILABLE ARCHIVE_UNAVAILABLE.</exception>
    public async Task RequireSearchRecordsAsync(string statement, IReadOnlyCollection<string> records, CancellationToken cancellation)
    {
        IReadOnlyList<RetractionEntry> ledger;
        try
        {
            ledger = (await AskAsync(options => client.ListRetractionEntriesAsync(new ListRetractionEntriesRequest { Parent = statement }, options),
                cancellation)).RetractionEntries;
        }
        catch (RpcException problem) when (problem.StatusCode == StatusCode.NotFound)
        {
            ledger = [];
        }

        foreach (var record in records)
        {
            if (!ledger.Any(entry => entry.Name == record && entry.Finding == RetractionFinding.NoneFound && entry.Dated is { Earliest.Length: > 0 }))
            {
                throw ReviewErrors.SearchRecordMissing(statement, record);
            }
        }
    }

    private async Task<TAnswer> AskAsync<TAnswer>(Func<CallOptions, AsyncUnaryCall<TAnswer>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(new CallOptions(deadline: (clock.GetUtcNow() + options.Value.ArchiveDeadline).UtcDateTime, cancellationToken: cancellation));
        }
        catch (RpcException problem) when (problem.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && !cancellation.IsCancellationRequested)
        {
            throw ReviewErrors.ArchiveUnavailable(problem);
        }
    }
}
