namespace Poc.Grpc;

/// <summary>
/// How much memory the messages of calls in progress take, of each caller and of all. A message may be large and a caller may have many calls open, but not both at once: whoever has a
/// credential could otherwise fill the memory with messages whose last byte never comes.
/// </summary>
internal sealed class HeldBytes(GrpcLimits limits)
{
    // What each of very many small calls may hold without being counted.
    private const long Uncounted = 64 * 1024;

    private readonly Dictionary<string, long> _ofCaller = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _all;

    /// <summary>Begins a call; its disposal gives back what it held.</summary>
    public Call Begin(Caller caller) => new(this, caller.Id);

    private bool TryAdd(string caller, long bytes)
    {
        lock (_lock)
        {
            var held = _ofCaller.GetValueOrDefault(caller) + bytes;
            if (held > limits.MaxHeldBytesOfCaller || _all + bytes > limits.MaxHeldBytes)
            {
                return false;
            }

            (_ofCaller[caller], _all) = (held, _all + bytes);
            return true;
        }
    }

    private void Remove(string caller, long bytes)
    {
        lock (_lock)
        {
            _all -= bytes;
            if ((_ofCaller[caller] -= bytes) == 0)
            {
                _ofCaller.Remove(caller);
            }
        }
    }

    /// <summary>What one call holds: its longest message until its end, because what is made of the message lives as long.</summary>
    public sealed class Call(HeldBytes all, string caller) : IDisposable
    {
        private long _counted;

        /// <summary>The message that is being read has so many bytes by now.</summary>
        /// <exception cref="RpcError">RESOURCE_EXHAUSTED: with this call's other ones it is too much.</exception>
        public void Hold(long length)
        {
            var more = length - Uncounted - _counted;
            if (more > 0)
            {
                _counted += all.TryAdd(caller, more) ? more : throw CommonErrors.TooMuchAtOnce();
            }
        }

        public void Dispose()
        {
            if (_counted > 0)
            {
                all.Remove(caller, _counted);
            }
        }
    }
}
