using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Inboxes;

/// <summary>The caller's own inbox, oldest first, after a cursor.</summary>
internal sealed class ListInboxItems(Database database)
{
    public async Task<ListInboxItemsResponse> HandleAsync(ListInboxItemsRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Require(request.AfterCursor >= 0, "after_cursor", "must not be negative").ThrowIfAny();
        var size = PageSize.Coerce(request.PageSize);
        var items = await database.ReadAsync(
            async tx => await InboxReading.ItemsAsync(tx, await InboxReading.OwnerAsync(tx, caller), request.AfterCursor, size), cancellation);
        return new ListInboxItemsResponse { Items = { items } };
    }
}
