using Grpc.Core;
using Poc.Contracts.Notification.V1;

namespace Poc.Story.Stack;

/// <summary>
/// Watches one inbox over server streaming from the beginning of the story to its end. When the stream breaks it is opened again after the last cursor seen,
/// so that a restart of the service neither loses an item nor shows one twice.
/// </summary>
internal sealed class InboxWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);
    private readonly Lock _lock = new();
    private readonly List<InboxItem> _items = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Stage _stage;
    private readonly Task _watching;

    private InboxWatch(Stage stage, string staff)
    {
        _stage = stage;
        Staff = staff;
        _watching = WatchAsync(_end.Token);
    }

    /// <summary>Whose inbox it is.</summary>
    public string Staff { get; }

    /// <summary>Every item that arrived, in the order of arrival.</summary>
    public IReadOnlyList<InboxItem> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items];
            }
        }
    }

    public static InboxWatch Start(Stage stage, string staff) => new(stage, staff);

    /// <summary>What the stream ended with, when it was an error that does not pass.</summary>
    public RpcException? Failure { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        var cursor = 0L;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var call = _stage.Notification.WatchInbox(new WatchInboxRequest { AfterCursor = cursor }, _stage.Staff(Staff), cancellationToken: cancellation);
                await foreach (var answer in call.ResponseStream.ReadAllAsync(cancellation))
                {
                    cursor = answer.Item.Cursor;
                    lock (_lock)
                    {
                        _items.Add(answer.Item);
                    }
                }
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException problem)
            {
                if (!ResilientCalls.IsPassing(problem))
                {
                    Failure = problem;
                    return;
                }
            }

            await Task.Delay(s_pause, _stage.Clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
