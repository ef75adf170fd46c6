using Poc.Contracts.Intake.V1;
using Poc.Intake.Requests;

namespace Poc.Intake.Bulk;

/// <summary>What became of one item: either a request or the reason why there is none.</summary>
/// <param name="Partner">Id of the partner.</param>
/// <param name="Index">The item's place.</param>
/// <param name="BodySha256">SHA-256 of the item's message: tells whether the same item comes again.</param>
/// <param name="Request">Id of the request that it became.</param>
/// <param name="Error">Why it was refused.</param>
internal sealed record ImportResult(string Partner, int Index, byte[] BodySha256, Guid? Request, ImportError? Error)
{
    public ImportItem ToItem() => Request is { } request
        ? new ImportItem { Index = Index, Request = new RequestName(Partner, request).ToString() }
        : new ImportItem { Index = Index, Error = Error };
}
