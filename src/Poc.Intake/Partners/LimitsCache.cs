using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>
/// The limits of partners, as old as <see cref="IntakeOptions.ApiKeyCache"/> at most, so that what is set acts on every replica within 5 seconds. Only of partners that have proved who
/// they are, so that there is an end to them.
/// </summary>
internal sealed class LimitsCache(Database database, IOptions<IntakeOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The limits of the partner.</summary>
    /// <param name="partner"><c>partners/{p}</c>, from a credential.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public ValueTask<LimitsInEffect> OfAsync(string partner, CancellationToken cancellation) =>
        _known.TryGetValue(partner, out var known) && clock.GetUtcNow() < known.TrustedUntil ? ValueTask.FromResult(known.Limits) : ReadAsync(partner, cancellation);

    private async ValueTask<LimitsInEffect> ReadAsync(string partner, CancellationToken cancellation)
    {
        // Counted from before the question: the answer is as old as that.
        var until = clock.GetUtcNow() + options.Value.ApiKeyCache;
        var limits = await database.ReadAsync(tx => LimitsInEffect.ReadAsync(tx, partner["partners/".Length..], options.Value), cancellation);
        _known[partner] = new Known(limits, until);
        return limits;
    }

    private sealed record Known(LimitsInEffect Limits, DateTimeOffset TrustedUntil);
}
