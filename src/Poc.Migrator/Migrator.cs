using Npgsql;
using Poc.Postgres;

namespace Poc.Migrator;

/// <summary>Migrates one service's database, with patience for a server that is still starting.</summary>
internal sealed class Migrator(TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Gives the number of scripts applied.</summary>
    /// <exception cref="MigrationException">A script failed or was changed.</exception>
    /// <exception cref="NpgsqlException">The server did not answer within <paramref name="patience"/>, or refuses.</exception>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public async Task<int> MigrateAsync(string name, string connectionString, TimeSpan patience, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        for (var first = true; ; first = false)
        {
            try
            {
                return await Migrations.ApplyAsync(connectionString, ServiceDatabases.ScriptsOf(name), log, cancellation);
            }
            catch (NpgsqlException problem) when (Transience.IsTransient(problem) && clock.GetElapsedTime(started) < patience)
            {
                if (first)
                {
                    log.LogInformation("{Database}: waiting for the server ({Reason})", name, problem.Message);
                }

                await Task.Delay(Pause, clock, cancellation);
            }
        }
    }
}
