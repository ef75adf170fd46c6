using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>
/// Writes exports, a page of requests in each transaction, with the place where it stands: whoever comes next goes on there. Any number of replicas work at once, each on another export,
/// and each export has its turn after a page, so that a large one does not hold up the others.
/// </summary>
internal sealed class ExportWriter(Database database, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<ExportWriter> logger) : BackgroundService
{
    private const int Page = 100;
    private const int PieceBytes = 1 << 20;
    private const string Filter = ":filter";

    private const string Take =
        "SELECT id, partner_id, filter, up_to, at_time, at_id, done FROM exports WHERE state = 'RUNNING' ORDER BY updated_at, id LIMIT 1 FOR UPDATE SKIP LOCKED";

    private const string SelectPage =
        $"""
        SELECT {RequestRow.Columns}
        FROM requests
        WHERE partner_id = $1 AND received_at <= $2 AND ($3::timestamptz IS NULL OR (received_at, id) > ($3, $4::uuid)) AND {Filter}
        ORDER BY received_at, id
        LIMIT $5
        """;

    private const string InsertPiece = "INSERT INTO export_chunks (export, last_line, data) VALUES ($1, $2, $3)";

    private const string Advance = "UPDATE exports SET at_time = $2, at_id = $3, done = $4, updated_at = $5 WHERE id = $1";

    private const string SelectPiece = "SELECT last_line, data FROM export_chunks WHERE export = $1 AND last_line > $2 ORDER BY last_line LIMIT 1";

    private const string Finish = "UPDATE exports SET state = 'SUCCEEDED', finished_at = $2, size_bytes = $3, sha256 = $4 WHERE id = $1";

    private const string Forget = "DELETE FROM exports WHERE expires_at <= $1";

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ExportInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await database.InTransactionAsync(WritePageAsync, stoppingToken))
                {
                    // There is more.
                }

                await database.InTransactionAsync(tx => tx.ExecuteAsync(Forget, clock.GetUtcNow()), stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "Exports do not go on for the moment; tried again in {Interval}", options.Value.ExportInterval);
            }
        }
    }

    /// <summary>False when no export runs.</summary>
    private async Task<bool> WritePageAsync(Tx tx)
    {
        var export = await tx.QuerySingleOrDefaultAsync(
            Take,
            static row => new Export(
                row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4),
                row.IsDBNull(5) ? null : row.GetGuid(5), row.GetInt64(6)));
        if (export is null)
        {
            return false;
        }

        var filter = RequestFilter.Parse(export.Filter);
        var rows = await tx.QueryAsync(
            SelectPage.Replace(Filter, filter.ToSql(firstParameter: 6), StringComparison.Ordinal), RequestRow.Read,
            [export.Partner, export.UpTo, export.AtTime, export.AtId, Page, .. filter.Values]);
        await WriteAsync(tx, export, rows);
        var now = clock.GetUtcNow();
        var last = rows.Count > 0 ? rows[^1] : null;
        await tx.ExecuteAsync(Advance, export.Id, last?.ReceivedAt ?? export.AtTime, last?.Id ?? export.AtId, export.Done + rows.Count, now);
        if (rows.Count < Page)
        {
            var (size, sha256) = await DigestAsync(tx, export.Id);
            await tx.ExecuteAsync(Finish, export.Id, now, size, sha256);
        }

        return true;
    }

    // Over the whole at its end, a piece at a time: a hash that is half done cannot be handed to the replica that goes on.
    private static async Task<(long Size, byte[] Sha256)> DigestAsync(Tx tx, Guid export)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (size, after) = (0L, 0L);
        while (await tx.QuerySingleOrDefaultAsync(SelectPiece, static row => (Last: row.GetInt64(0), Data: row.GetFieldValue<byte[]>(1)), export, after) is { Data: not null } piece)
        {
            hash.AppendData(piece.Data);
            (size, after) = (size + piece.Data.Length, piece.Last);
        }

        return (size, hash.GetHashAndReset());
    }

    private static async Task WriteAsync(Tx tx, Export export, IReadOnlyList<RequestRow> rows)
    {
        using var piece = new MemoryStream();
        for (var i = 0; i < rows.Count; i++)
        {
            piece.Write(Encoding.UTF8.GetBytes(Json.Format(rows[i].ToRequest())));
            piece.WriteByte((byte)'\n');
            if (piece.Length >= PieceBytes || i == rows.Count - 1)
            {
                await tx.ExecuteAsync(InsertPiece, export.Id, export.Done + i + 1, piece.ToArray());
                piece.SetLength(0);
            }
        }
    }

    private sealed record Export(Guid Id, string Partner, string Filter, DateTimeOffset UpTo, DateTimeOffset? AtTime, Guid? AtId, long Done);
}
