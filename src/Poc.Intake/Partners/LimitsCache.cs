using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>
/// The limits of partners, as old as <see cref="IntakeOptions.ApiKeyCache"/> at most, so that what is set acts on every replica within 5 seconds. Only of partners that have proved who
/// they are, so that there is an end to them.
/// </summary>
internal sealed class LimitsCache(Database database, IOptions<IntakeOptions> options, TimeProvider clock)
{
    private readonly TrustedFacts<LimitsInEffect> _limits = new(options.Value.ApiKeyCache, clock, async (partner, cancellation) =>
        await database.ReadAsync(tx => LimitsInEffect.ReadAsync(tx, partner["partners/".Length..], options.Value), cancellation));

    /// <summary>The limits of the partner.</summary>
    /// <param name="partner"><c>partners/{p}</c>, from a credential.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public async ValueTask<LimitsInEffect> OfAsync(string partner, CancellationToken cancellation) => (await _limits.OfAsync(partner, cancellation))!;
}
