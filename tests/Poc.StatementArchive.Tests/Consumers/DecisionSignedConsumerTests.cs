using Poc.Contracts.Events.Review.V1;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Consumers;

public sealed class DecisionSignedConsumerTests(SharedArchive archive)
{
    [Fact]
    public async Task Puts_the_hash_of_a_signed_decision_into_the_log_once()
    {
        var hash = new string('a', 62) + "0f";
        var decision = Decision("dossiers/d1/decisions/1", hash);
        await PublishAsync(decision);
        await PublishAsync(decision);
        var marker = Decision("dossiers/d2/decisions/1", new string('b', 64));
        await PublishAsync(marker);

        await Eventually.BecomesTrueAsync(async () => await CountAsync(marker.Aggregate) == 1);
        await Eventually.BecomesTrueAsync(async () => await CountAsync(decision.Aggregate) == 1);
        var body = await archive.Database.ScalarAsync<byte[]>(
            "SELECT body FROM log_entries JOIN decisions USING (entry_id) WHERE name = $1", decision.Aggregate);
        var entry = LogEntry.Parse(body);
        Assert.Equal(LogEntry.Kinds.Decision, entry.Kind);
        Assert.Equal(hash, Convert.ToHexStringLower(entry.Sha256!));
        Assert.DoesNotContain("dossiers", entry.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await archive.Database.ScalarAsync<long>("SELECT count(*) FROM log_entries WHERE kind = 'decision'"));
    }

    // As Review does it, by an outbox; the service's own relay empties it.
    private async Task PublishAsync(DecisionSigned decision)
    {
        await archive.Database.Database.InTransactionAsync(tx => Outbox.AddAsync(tx, decision), CancellationToken.None);
        await Eventually.BecomesTrueAsync(
            async () => await archive.Database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE event_id = $1", decision.EventId) == 0);
    }

    private Task<long> CountAsync(string decision) => archive.Database.ScalarAsync<long>("SELECT count(*) FROM decisions WHERE name = $1", decision);

    private static DecisionSigned Decision(string name, string hash) => new(
        Guid.CreateVersion7(), name, 1, TimeProvider.System.GetUtcNow(),
            "dossiers/d1", "subjects/s", "subjects/s/episodes/e", "LABEL_WITHDRAWN", "protocols/v1", hash, null, ["COUNSEL_AND_FAMILY"]);
}
