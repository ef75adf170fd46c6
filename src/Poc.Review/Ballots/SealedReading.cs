using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Ballots;

/// <summary>
/// Reading ballots and assessments for somebody. The transaction goes on as the database role that sees the caller's own and what is open (see the policies
/// <c>sealed</c> in the schema): a query that forgets to ask who reads cannot show what is sealed.
/// </summary>
internal static class SealedReading
{
    private const string Role = "poc_review_reader";
    private const string Setting = "poc.caller";

    /// <summary>From here to its end the transaction sees what the caller may see of ballots and assessments, and almost nothing else.</summary>
    public static Task AsAsync(Tx tx, Caller caller) => tx.NarrowAsync(new RowScope(Role, Setting, caller.Id));
}
