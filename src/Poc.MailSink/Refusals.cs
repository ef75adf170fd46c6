namespace Poc.MailSink;

/// <summary>How many of the next messages are answered with a passing failure (451), so that a sender's retries can be seen at work.</summary>
public sealed class Refusals
{
    private int _left;

    /// <summary>Refuses the next <paramref name="count"/> messages.</summary>
    public void Next(int count) => Volatile.Write(ref _left, count);

    /// <summary>Whether this message is one of them.</summary>
    public bool Take()
    {
        int left;
        do
        {
            left = Volatile.Read(ref _left);
            if (left <= 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _left, left - 1, left) != left);
        return true;
    }
}
