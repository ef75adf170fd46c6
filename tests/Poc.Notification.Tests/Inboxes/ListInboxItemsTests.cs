using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Inboxes;

public sealed class ListInboxItemsTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Gives_the_callers_own_items_after_the_cursor_oldest_first()
    {
        var subject = NewSubject();
        var (own, other) = (await _stack.RecipientAsync(Audience.Staff), await _stack.RecipientAsync(Audience.Staff));
        await _stack.SubscribeAsync(own, EventKind.DossierOpened, subject, Channel.Inbox);
        for (var i = 0; i < 5; i++)
        {
            await _stack.PublishAsync(Events.DossierOpened(subject));
        }

        var caller = _stack.As(own.Staff, Roles.Reviewer);
        var page = (await _stack.Client.ListInboxItemsAsync(new ListInboxItemsRequest { AfterCursor = 1, PageSize = 3 }, caller)).Items;

        Assert.Equal([2, 3, 4], page.Select(static item => item.Cursor));
        Assert.Empty(await _stack.InboxAsync(other));
    }

    [Fact]
    public async Task Says_so_when_the_caller_is_not_registered()
    {
        Assert.Equal(
            (StatusCode.NotFound, "RECIPIENT_NOT_FOUND"),
            await RefusalAsync(_stack.Client.ListInboxItemsAsync(new ListInboxItemsRequest(), _stack.As("stranger", Roles.Reviewer))));
        Assert.Equal((StatusCode.Unauthenticated, "CREDENTIAL_MISSING"), await RefusalAsync(_stack.Client.ListInboxItemsAsync(new ListInboxItemsRequest())));
    }

    [Fact]
    public async Task Refuses_a_negative_cursor_or_page_size()
    {
        Assert.Equal(
            ["after_cursor"],
            await InvalidFieldsAsync(_stack.Client.ListInboxItemsAsync(new ListInboxItemsRequest { AfterCursor = -1 }, _stack.Auditor)));
        Assert.Equal(["page_size"], await InvalidFieldsAsync(_stack.Client.ListInboxItemsAsync(new ListInboxItemsRequest { PageSize = -1 }, _stack.Auditor)));
    }
}
