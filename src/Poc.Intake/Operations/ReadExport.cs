using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>Streams the lines of a finished export, a stored piece at a time, so that a slow reader holds neither a transaction nor much memory.</summary>
internal sealed class ReadExport(Database database, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const string SelectNext = "SELECT last_line, data FROM export_chunks WHERE export = $1 AND last_line > $2 ORDER BY last_line LIMIT 1";

    public async Task HandleAsync(ReadExportRequest message, IServerStreamWriter<ReadExportResponse> stream, ServerCallContext context)
    {
        var name = OperationName.Require(context.Caller(), message.Name);
        new Violations().Require(message.AfterLine >= 0, "after_line", "must not be negative").ThrowIfAny();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var operation = await database.ReadAsync(tx => ExportRow.FindAsync(tx, name, clock.GetUtcNow()), ending.Token);
        if (operation.State != Operation.Types.State.Succeeded)
        {
            throw IntakeErrors.OperationNotDone(message.Name, EnumText<Operation.Types.State>.Of(operation.State));
        }

        await context.WriteResponseHeadersAsync([]);
        for (var after = message.AfterLine; await NextAsync(name, after, ending.Token) is { } piece; after = piece.LastLine)
        {
            await stream.WriteAsync(new ReadExportResponse { Data = UnsafeByteOperations.UnsafeWrap(Rest(piece, after)), LastLine = piece.LastLine }, ending.Token);
        }
    }

    private Task<Piece?> NextAsync(OperationName name, long after, CancellationToken cancellation) => database.ReadAsync(
        tx => tx.QuerySingleOrDefaultAsync(SelectNext, static row => new Piece(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), name.Id, after), cancellation);

    // The reader may have stopped within the piece: the lines it has are left out.
    private static ReadOnlyMemory<byte> Rest(Piece piece, long after)
    {
        var unread = piece.LastLine - after;
        var at = piece.Data.Length;
        for (var lines = 0L; at > 0; at--)
        {
            if (piece.Data[at - 1] == '\n' && ++lines > unread)
            {
                break;
            }
        }

        return piece.Data.AsMemory(at);
    }

    private sealed record Piece(long LastLine, byte[] Data);
}
