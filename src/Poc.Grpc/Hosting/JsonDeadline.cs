namespace Poc.Grpc;

/// <summary>The end of a call with JSON, which brings no <c>grpc-timeout</c>.</summary>
internal sealed class JsonDeadline : IDisposable
{
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _source;

    /// <param name="after">How long the call may take.</param>
    /// <param name="aborted">Cancelled when the caller goes away.</param>
    public JsonDeadline(TimeSpan after, CancellationToken aborted)
    {
        _aborted = aborted;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _source.CancelAfter(after);
    }

    /// <summary>Cancelled when the caller goes away or the time is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was the time.</summary>
    public bool HasPassed => _source.IsCancellationRequested && !_aborted.IsCancellationRequested;

    public void Dispose() => _source.Dispose();
}
