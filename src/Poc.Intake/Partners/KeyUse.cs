using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>Writes down when API keys and certificates were last used: late and in bulk, so that no submission pays for it.</summary>
internal sealed class KeyUse(Database database, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<KeyUse> logger) : BackgroundService
{
    // Keys in order: two replicas that lock the same rows wait for each other, but never in a circle.
    private const string Update =
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

    private readonly ConcurrentDictionary<string, DateTimeOffset> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _certificates = new(StringComparer.Ordinal);

    /// <summary>The key was used now.</summary>
    public void Note(string apiKeyId) => _keys[apiKeyId] = clock.GetUtcNow();

    /// <summary>The certificate was used now.</summary>
    /// <param name="sha256">In lower-case hex.</param>
    public void NoteCertificate(string sha256) => _certificates[sha256] = clock.GetUtcNow();

    /// <summary>Writes what was noted and goes on; what cannot be written is kept for the next time.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        await WriteAsync(_keys, Update, cancellation);
        await WriteAsync(_certificates, UpdateCertificates, cancellation);
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
            catch (NpgsqlException problem)
            {
                logger.LogWarning("The last uses of API keys could not be written ({Problem}); trying again later", problem.GetType().Name);
            }
        }
    }

    private async Task WriteAsync(ConcurrentDictionary<string, DateTimeOffset> noted, string update, CancellationToken cancellation)
    {
        var seen = noted.ToArray();
        if (seen.Length == 0)
        {
            return;
        }

        await database.InTransactionAsync(
            tx => tx.ExecuteAsync(update, seen.Select(static pair => pair.Key).ToArray(), seen.Select(static pair => pair.Value).ToArray()), cancellation);
        foreach (var written in seen)
        {
            noted.TryRemove(written);
        }
    }
}
