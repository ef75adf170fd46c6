using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Poc.Story.Stack;
using Poc.Story.Telling;

namespace Poc.Story.Tests.Stack;

public sealed class ResilientCallsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private readonly Narrator _narrator;
    private readonly StringWriter _console = new();

    public ResilientCallsTests() => _narrator = new Narrator(_console, null, _clock);

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.DeadlineExceeded)]
    public async Task Tries_again_with_the_same_message_until_the_service_answers(StatusCode code)
    {
        var sent = new List<string>();
        var calls = new ResilientCalls(_clock, _narrator);
        var asked = calls.AskAsync((string request, CallOptions _) => Answer(() =>
        {
            sent.Add(request);
            return sent.Count < 4 ? throw new RpcException(new Status(code, "away")) : "answer";
        }), "the message", [], TestContext.Current.CancellationToken);

        Assert.Equal("answer", await PassingTimeAsync(asked));
        Assert.Equal(["the message", "the message", "the message", "the message"], sent);
        Assert.Equal(3, calls.Retries);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task Takes_any_other_answer_as_the_answer(StatusCode code)
    {
        var attempts = 0;
        var calls = new ResilientCalls(_clock, _narrator);

        var problem = await Assert.ThrowsAsync<RpcException>(() => calls.AskAsync(
            (string _, CallOptions _) => Answer<string>(() => throw new RpcException(new Status(code, $"attempt {++attempts}"))), "", [], TestContext.Current.CancellationToken));

        Assert.Equal(code, problem.StatusCode);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Gives_up_after_90_seconds_and_says_what_it_heard_last()
    {
        var attempts = 0;
        var calls = new ResilientCalls(_clock, _narrator);
        var started = _clock.GetUtcNow();
        var asked = calls.AskAsync((string _, CallOptions _) => Answer<string>(() => throw new RpcException(new Status(StatusCode.Unavailable, $"attempt {++attempts}"))), "", [], TestContext.Current.CancellationToken);

        var problem = await Assert.ThrowsAsync<StoryStoppedException>(() => PassingTimeAsync(asked));

        Assert.Contains("was not answered for 90 s", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"attempt {attempts}", problem.Message, StringComparison.Ordinal);
        Assert.True(_clock.GetUtcNow() - started >= ResilientCalls.Patience);
        Assert.True(attempts > 1);
    }

    [Fact]
    public void A_broken_connection_is_passing()
    {
        var broken = new RpcException(new Status(StatusCode.Internal, "", new HttpRequestException("reset")));

        Assert.True(ResilientCalls.IsPassing(broken));
        Assert.False(ResilientCalls.IsPassing(new RpcException(new Status(StatusCode.Internal, ""))));
    }

    public void Dispose()
    {
        _narrator.Dispose();
        _console.Dispose();
    }

    private async Task<T> PassingTimeAsync<T>(Task<T> asked)
    {
        while (!asked.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await asked;
    }

    private static AsyncUnaryCall<T> Answer<T>(Func<T> answer)
    {
        Task<T> response;
        try
        {
            response = Task.FromResult(answer());
        }
        catch (RpcException problem)
        {
            response = Task.FromException<T>(problem);
        }

        return new AsyncUnaryCall<T>(response, Task.FromResult(Metadata.Empty), static () => Status.DefaultSuccess, static () => [], static () => { });
    }
}
