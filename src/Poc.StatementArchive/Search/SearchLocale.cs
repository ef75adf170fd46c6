using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Poc.Postgres;

namespace Poc.StatementArchive.Search;

/// <summary>
/// Looks at start whether the database knows letters beyond ASCII. Under LC_CTYPE "C" it does not: trigrams of Cyrillic are empty there and search finds
/// nothing without saying so. Then the service ends, with exit code 78, rather than serve.
/// </summary>
public sealed class SearchLocale(Database database, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<SearchLocale> logger)
    : BackgroundService, IHealthCheck
{
    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int ExitCode = 78;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const string ProbeSql = """
        SELECT cardinality(show_trgm('мир')) > 0 AND lower('МИР') = 'мир', datcollate || ' / ' || datctype, pg_encoding_to_char(encoding)
        FROM pg_database WHERE datname = current_database()
        """;

    private volatile bool _isSuitable;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(_isSuitable ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database's locale is not known to be suitable."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (suits, locale, encoding) = await database.ReadAsync(
                    tx => tx.QuerySingleOrDefaultAsync(ProbeSql, row => (row.GetBoolean(0), row.GetString(1), row.GetString(2))), stoppingToken);
                if (suits && encoding == "UTF8")
                {
                    _isSuitable = true;
                    return;
                }

                logger.LogCritical(
                    "The database has locale {Locale} and encoding {Encoding}: search would find no words beyond ASCII. Create it with UTF8, C.UTF-8 or ICU.",
                    locale, encoding);
                Environment.ExitCode = ExitCode;
                lifetime.StopApplication();
                return;
            }
            catch (NpgsqlException problem)
            {
                // The database is away, or not migrated yet: readiness says so meanwhile.
                logger.LogWarning("The database's locale cannot be checked yet: {Reason}", problem.Message);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
