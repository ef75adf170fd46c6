using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.StatementArchive.V1;

namespace Poc.Intake.Requests;

/// <summary>Asks the archive whether statements exist, before a request that cites them is accepted.</summary>
internal sealed class CitedStatements(StatementArchiveService.StatementArchiveServiceClient archive, IOptions<IntakeOptions> options, TimeProvider clock)
{
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND (CITED_STATEMENT_UNKNOWN); UNAVAILABLE (ARCHIVE_UNAVAILABLE).</exception>
    public async Task RequireKnownAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        CheckStatementsResponse answer;
        try
        {
            answer = await archive.CheckStatementsAsync(
                new CheckStatementsRequest { Names = { names.Distinct(StringComparer.Ordinal) } }, deadline: (clock.GetUtcNow() + options.Value.ArchiveDeadline).UtcDateTime, cancellationToken: cancellation);
        }
        catch (RpcException problem) when (!cancellation.IsCancellationRequested)
        {
            throw IntakeErrors.ArchiveUnavailable(problem);
        }

        if (answer.UnknownNames.Count > 0)
        {
            throw IntakeErrors.CitedStatementUnknown(answer.UnknownNames);
        }
    }
}
