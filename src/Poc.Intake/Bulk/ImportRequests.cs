using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Bulk;

/// <summary>
/// Files a stream of requests, each on its own, through the same group commit as single submissions. It is read group by group, and the next one not before the results
/// of the last are on disk: the stream's flow control then holds its sender, memory holds one group, and after a break the results say where to go on.
/// </summary>
/// <remarks>A request that was stored just before a break, its result not yet, is found again by its request id when its item is sent again.</remarks>
internal sealed class ImportRequests(
    FilingDesk desk, Quota quota, Database database, IHostApplicationLifetime lifetime, IdSource ids, TimeProvider clock, IntakeMetrics metrics)
{
    private const int MaxItemsPerCall = 10_000;
    private const int MaxItems = 1_000_000;
    private const int MaxAnswerBytes = 2 * 1024 * 1024;
    private const int MaxGroupBytes = 4 * 1024 * 1024;

    public async Task<ImportRequestsResponse> HandleAsync(IAsyncStreamReader<ImportRequestsRequest> messages, ServerCallContext context)
    {
        // A server that stops must not wait for slow senders: they go on at another replica.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var cancellation = ending.Token;
        if (!await messages.MoveNext(cancellation))
        {
            throw CommonErrors.FieldInvalid("import_id", "is required in the first message");
        }

        new Violations().Uuid("import_id", messages.Current.ImportId).ThrowIfAny();
        var caller = context.Caller().Id;
        var import = new ImportName(caller["partners/".Length..], Guid.ParseExact(messages.Current.ImportId, "D"));
        await database.InTransactionAsync(tx => ImportLedger.OpenAsync(tx, import, clock.GetUtcNow()), cancellation);

        var answer = new ImportRequestsResponse();
        var (places, bytes) = (new HashSet<int>(), 0);
        for (var more = true; more;)
        {
            (var group, more) = await ReadGroupAsync(messages, import, places, cancellation);
            foreach (var item in (await FileAsync(import, group, cancellation)).Select(static result => result.ToItem()))
            {
                bytes += item.CalculateSize() + 6;
                if (bytes <= MaxAnswerBytes)
                {
                    answer.Items.Add(item);
                }
                else
                {
                    answer.OmittedCount++;
                }
            }
        }

        answer.Import = await database.ReadAsync(tx => ImportLedger.FindAsync(tx, import), cancellation);
        return answer;
    }

    // The reader stands on the group's first message.
    private static async Task<(IReadOnlyList<ImportRequestsRequest> Group, bool More)> ReadGroupAsync(
        IAsyncStreamReader<ImportRequestsRequest> messages, ImportName import, HashSet<int> places, CancellationToken cancellation)
    {
        var (group, bytes) = (new List<ImportRequestsRequest>(GroupCommit.MaxGroup), 0);
        while (true)
        {
            var message = messages.Current;
            new Violations()
                .Require(message.ImportId.Length == 0 || (Guid.TryParseExact(message.ImportId, "D", out var id) && id == import.Id), "import_id", "must be the same in all messages, or empty after the first")
                .Require(message.Index is >= 0 and < MaxItems, "index", $"must be from 0 to {MaxItems - 1}")
                .Require(places.Count < MaxItemsPerCall, "index", $"must not be of more than {MaxItemsPerCall} items in one call: go on in another one")
                .Require(places.Add(message.Index), "index", "must come once in a call")
                .ThrowIfAny();
            group.Add(message);
            bytes += message.CalculateSize();
            if (!await messages.MoveNext(cancellation))
            {
                return (group, false);
            }

            if (group.Count == GroupCommit.MaxGroup || bytes >= MaxGroupBytes)
            {
                return (group, true);
            }
        }
    }

    private async Task<IReadOnlyList<ImportResult>> FileAsync(ImportName import, IReadOnlyList<ImportRequestsRequest> group, CancellationToken cancellation)
    {
        var known = await database.ReadAsync(tx => ImportLedger.KnownAsync(tx, import, [.. group.Select(static message => message.Index)]), cancellation);
        var results = new ImportResult[group.Count];
        var filed = new List<(int Position, Task<ImportResult> Result)>(group.Count);
        for (var i = 0; i < group.Count; i++)
        {
            var message = group[i];
            var body = Fingerprint(message.Item ?? new SubmitRequestRequest());
            if (known.TryGetValue(message.Index, out var earlier) && earlier.Request is not null)
            {
                results[i] = earlier.BodySha256.AsSpan().SequenceEqual(body) ? earlier : new ImportResult(import.Partner, message.Index, body, null, ToError(IntakeErrors.ImportItemChanged(message.Index)));
            }
            else
            {
                filed.Add((i, FileAsync(import.Partner, message.Index, message.Item ?? new SubmitRequestRequest(), body, cancellation)));
            }
        }

        // What one cannot do now ends the call, after the others are through: their results must not be lost.
        var all = Task.WhenAll(filed.Select(static item => item.Result));
        await all.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var written = new List<ImportResult>(filed.Count);
        foreach (var (position, result) in filed.Where(static item => item.Result.IsCompletedSuccessfully))
        {
            written.Add(results[position] = await result);
        }

        if (written.Count > 0)
        {
            // Not the caller's cancellation: what is filed is filed, and the import should know.
            await database.InTransactionAsync(tx => ImportLedger.WriteAsync(tx, import, written, clock.GetUtcNow()), CancellationToken.None);
        }

        await all;
        return results;
    }

    private async Task<ImportResult> FileAsync(string partner, int index, SubmitRequestRequest item, byte[] body, CancellationToken cancellation)
    {
        try
        {
            RequestRules.Check(item);
            await TakeQuotaAsync($"partners/{partner}", cancellation);
            var filing = Filing.Of(partner, item, ids.Next(), ids.Next(), clock.GetUtcNow());
            var row = await desk.StoreAsync(filing, cancellation);
            if (!filing.IsSameAs(row))
            {
                throw CommonErrors.RequestIdReused(item.RequestId);
            }

            metrics.Received(row.Kind);
            return new ImportResult(partner, index, body, row.Id, null);
        }
        catch (RpcError refusal) when (refusal.Code is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal))
        {
            return new ImportResult(partner, index, body, null, ToError(refusal));
        }
    }

    // Without the requester: a hash of a name that stands beside it in clear would let one guess the name. Its own comparison is FilingDesk's.
    private static byte[] Fingerprint(SubmitRequestRequest item) => SHA256.HashData(new SubmitRequestRequest { RequestId = item.RequestId, Request = item.Request }.ToByteArray());

    // Waiting here slows the stream down, which is all that a quota wants.
    private async Task TakeQuotaAsync(string partner, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await quota.TakeAsync(partner, cancellation);
                return;
            }
            catch (RpcError refusal) when (refusal is { Code: StatusCode.ResourceExhausted, RetryAfter: { } pause })
            {
                await Task.Delay(pause, clock, cancellation);
            }
        }
    }

    private static ImportError ToError(RpcError refusal) => new()
    {
        Code = (int)refusal.Code,
        Reason = refusal.Reason,
        Message = refusal.Message,
        FieldViolations = { refusal.FieldViolations.Select(static wrong => new ImportFieldViolation { Field = wrong.Field, Description = wrong.Description }) },
    };
}
