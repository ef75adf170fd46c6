using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>
/// Counts who uses which credential, when, from where and with what outcome, and writes it down late and in bulk, so that no submission pays for it. What there is to count is
/// bounded: credentials that exist, hours, at most <see cref="MaxNetworks"/> networks, outcomes.
/// </summary>
internal sealed class CredentialUses(Database database, IOptions<IntakeOptions> options, IntakeMetrics metrics, TimeProvider clock, ILogger<CredentialUses> logger) : BackgroundService
{
    /// <summary>Networks that are told apart for one credential in one hour, in one replica.</summary>
    public const int MaxNetworks = 32;

    /// <summary>The network that stands for all others.</summary>
    public const string OtherNetwork = "other";

    // In the key's order: two replicas that write the same rows wait for each other, but never in a circle.
    private const string Add =
        """
        INSERT INTO credential_uses AS known (partner_id, hour, credential, network, outcome, calls, last_at)
        SELECT partner_id, hour, credential, network, outcome, calls, last_at
        FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[]) AS seen (partner_id, hour, credential, network, outcome, calls, last_at)
        ORDER BY partner_id, hour, credential, network, outcome
        ON CONFLICT ON CONSTRAINT pk_credential_uses DO UPDATE SET calls = known.calls + excluded.calls, last_at = greatest(known.last_at, excluded.last_at)
        """;

    private const string UpdateKeys =
        """
        UPDATE api_keys AS key
        SET last_used_at = greatest(key.last_used_at, used.at)
        FROM (
            SELECT api_keys.api_key_id, seen.at
            FROM api_keys JOIN unnest($1::text[], $2::timestamptz[]) AS seen (api_key_id, at) USING (api_key_id)
            ORDER BY api_keys.api_key_id
            FOR UPDATE OF api_keys
        ) AS used
        WHERE key.api_key_id = used.api_key_id
        """;

    private const string UpdateCertificates =
        """
        UPDATE certificates AS certificate
        SET last_used_at = greatest(certificate.last_used_at, used.at)
        FROM (
            SELECT certificates.sha256, seen.at
            FROM certificates JOIN unnest($1::text[], $2::timestamptz[]) AS seen (sha256, at) ON certificates.sha256 = decode(seen.sha256, 'hex')
            ORDER BY certificates.sha256
            FOR UPDATE OF certificates
        ) AS used
        WHERE certificate.sha256 = used.sha256
        """;

    private const string Forget = "DELETE FROM credential_uses WHERE hour < $1";

    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Credential, DateTimeOffset Hour), Hour> _hours = new();
    private DateTimeOffset _forgotten;

    /// <summary>A call came with the credential.</summary>
    /// <param name="credential"><c>partners/{p}/apiKeys/{k}</c> or <c>partners/{p}/certificates/{c}</c>; one that exists.</param>
    /// <param name="address">Where it came from.</param>
    /// <param name="outcome">What became of it.</param>
    public void Note(string credential, IPAddress? address, CredentialUse.Types.Outcome outcome)
    {
        var now = clock.GetUtcNow();
        _hours.GetOrAdd((credential, new DateTimeOffset(now.Ticks - (now.Ticks % _hour.Ticks), TimeSpan.Zero)), static _ => new Hour()).Note(NetworkOf(address), outcome, now);
    }

    /// <summary>A call came with a credential that is nobody's. Counted as a metric only: there is no partner to show it to, and no end to what can be made up.</summary>
    public void NoteUnknown() => metrics.UnknownCredential();

    /// <summary>Writes what was noted; what cannot be written is kept for the next time. Where the connection breaks while it commits, an hour may be counted twice.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var seen = new List<Seen>();
        foreach (var (key, hour) in _hours)
        {
            seen.AddRange(hour.Take().Select(use => new Seen(key.Credential, key.Hour, use.Network, use.Outcome, use.Calls, use.LastAt)));
            // Nothing is noted in an hour that is over but by calls that were on their way: those of two hours ago have arrived.
            if (key.Hour < now - (2 * _hour) && hour.IsEmpty)
            {
                _hours.TryRemove(KeyValuePair.Create(key, hour));
            }
        }

        try
        {
            if (seen.Count > 0)
            {
                await database.InTransactionAsync(tx => AddAsync(tx, seen), cancellation);
            }

            if (now - _forgotten >= _hour)
            {
                await database.InTransactionAsync(tx => tx.ExecuteAsync(Forget, now - options.Value.CredentialUseRetention), cancellation);
                _forgotten = now;
            }
        }
        catch
        {
            foreach (var use in seen)
            {
                _hours.GetOrAdd((use.Credential, use.Hour), static _ => new Hour()).GiveBack(use.Network, use.Outcome, use.Calls, use.LastAt);
            }

            throw;
        }
    }

    /// <summary>The network of an address: 24 bits of IPv4, 48 of IPv6, so that a partner's office is one and a person is none.</summary>
    public static string NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return OtherNetwork;
        }

        var bits = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        var length = bits.Length == 4 ? 3 : 6;
        bits.AsSpan(length).Clear();
        return $"{new IPAddress(bits)}/{length * 8}";
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.LastUseInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is NpgsqlException or SocketException or TimeoutException)
            {
                logger.LogWarning("The uses of credentials could not be written ({Problem}); trying again later", problem.GetType().Name);
            }
        }
    }

    private static async Task AddAsync(Tx tx, List<Seen> seen)
    {
        await tx.ExecuteAsync(
            Add,
            seen.Select(static use => use.Partner).ToArray(), seen.Select(static use => use.Hour).ToArray(), seen.Select(static use => use.Name).ToArray(), seen.Select(static use => use.Network).ToArray(),
            seen.Select(static use => EnumText<CredentialUse.Types.Outcome>.Of(use.Outcome)).ToArray(), seen.Select(static use => use.Calls).ToArray(), seen.Select(static use => use.LastAt).ToArray());
        foreach (var (update, collection) in new[] { (UpdateKeys, "apiKeys/"), (UpdateCertificates, "certificates/") })
        {
            var used = seen.Where(use => use.Outcome == CredentialUse.Types.Outcome.Accepted && use.Name.StartsWith(collection, StringComparison.Ordinal))
                .GroupBy(use => use.Name[collection.Length..], static use => use.LastAt, StringComparer.Ordinal).ToList();
            if (used.Count > 0)
            {
                await tx.ExecuteAsync(update, used.Select(static use => use.Key).ToArray(), used.Select(static use => use.Max()).ToArray());
            }
        }
    }

    private sealed record Seen(string Credential, DateTimeOffset Hour, string Network, CredentialUse.Types.Outcome Outcome, long Calls, DateTimeOffset LastAt)
    {
        private readonly int _slash = Credential.IndexOf('/', "partners/".Length);

        public string Partner => Credential["partners/".Length.._slash];

        public string Name => Credential[(_slash + 1)..];
    }

    /// <summary>One credential's hour.</summary>
    private sealed class Hour
    {
        private readonly Lock _lock = new();
        private readonly HashSet<string> _networks = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Network, CredentialUse.Types.Outcome Outcome), (long Calls, DateTimeOffset LastAt)> _uses = [];

        public bool IsEmpty
        {
            get
            {
                lock (_lock)
                {
                    return _uses.Count == 0;
                }
            }
        }

        public void Note(string network, CredentialUse.Types.Outcome outcome, DateTimeOffset at)
        {
            lock (_lock)
            {
                var told = _networks.Contains(network) || (_networks.Count < MaxNetworks && _networks.Add(network)) ? network : OtherNetwork;
                _uses[(told, outcome)] = (_uses.GetValueOrDefault((told, outcome)).Calls + 1, at);
            }
        }

        /// <summary>What was noted since this was last asked.</summary>
        public List<(string Network, CredentialUse.Types.Outcome Outcome, long Calls, DateTimeOffset LastAt)> Take()
        {
            lock (_lock)
            {
                var taken = _uses.Select(static use => (use.Key.Network, use.Key.Outcome, use.Value.Calls, use.Value.LastAt)).ToList();
                _uses.Clear();
                return taken;
            }
        }

        public void GiveBack(string network, CredentialUse.Types.Outcome outcome, long calls, DateTimeOffset at)
        {
            lock (_lock)
            {
                var since = _uses.GetValueOrDefault((network, outcome));
                _uses[(network, outcome)] = (since.Calls + calls, since.LastAt > at ? since.LastAt : at);
            }
        }
    }
}
