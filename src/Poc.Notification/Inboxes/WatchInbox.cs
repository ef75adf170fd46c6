using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Inboxes;

/// <summary>
/// The caller's own inbox as it grows. What is streamed is always read from the table, in the order of cursors: a signal only says when to look, so that a lost
/// one costs time and no item.
/// </summary>
internal sealed class WatchInbox(Database database, InboxWatches watches, IHostApplicationLifetime lifetime)
{
    private const int PageItems = 200;

    public async Task HandleAsync(WatchInboxRequest request, IServerStreamWriter<WatchInboxResponse> stream, ServerCallContext context)
    {
        new Violations().Require(request.AfterCursor >= 0, "after_cursor", "must not be negative").ThrowIfAny();
        // A stream has no end of its own: the server's stop ends it, and the client resumes at another replica.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var caller = context.Caller();
        var recipientId = await database.ReadAsync(tx => InboxReading.OwnerAsync(tx, caller), end.Token);
        using var watch = watches.Begin(recipientId, request.AfterCursor);
        // At once, also for an empty inbox: the client sees that it is connected.
        await context.WriteResponseHeadersAsync([]);
        while (true)
        {
            var items = await database.ReadAsync(tx => InboxReading.ItemsAsync(tx, recipientId, watch.Seen, PageItems), end.Token);
            foreach (var item in items)
            {
                await stream.WriteAsync(new WatchInboxResponse { Item = item }, end.Token);
                watch.Seen = item.Cursor;
            }

            if (items.Count < PageItems)
            {
                await watch.GrowthAsync(end.Token);
            }
        }
    }
}
