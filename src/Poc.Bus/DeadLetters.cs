using System.Text;
using RabbitMQ.Client;

namespace Poc.Bus;

/// <summary>A message that no consumer could process.</summary>
/// <param name="MessageId">The event's id, or null when the message had none.</param>
/// <param name="Reason">What was thrown at the last attempt, or null where nothing was (a message of an unknown type).</param>
/// <param name="Body">As it came.</param>
public sealed record DeadLetter(string? MessageId, string? Reason, ReadOnlyMemory<byte> Body);

/// <summary>Shows and replays the messages in a queue's <c>_error</c> and <c>_skipped</c> companions (<see cref="EventNames.ErrorQueue"/>).</summary>
/// <param name="connectionString"><c>amqp://user:password@host:port</c></param>
public sealed class DeadLetters(string connectionString)
{
    private const string FaultHeaders = "MT-Fault-";

    /// <summary>The first messages of a queue, which stay there; none where the queue does not exist because nothing ever failed.</summary>
    public async Task<IReadOnlyList<DeadLetter>> PeekAsync(string queue, int max, CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        var letters = new List<DeadLetter>();
        if (!await ExistsAsync(connection, queue, cancellation))
        {
            return letters;
        }

        // Not acknowledged: closing the channel puts them back.
        while (letters.Count < max && await channel.BasicGetAsync(queue, autoAck: false, cancellation) is { } message)
        {
            letters.Add(new DeadLetter(message.BasicProperties.MessageId, Text(message.BasicProperties, FaultHeaders + "Message"), message.Body.ToArray()));
        }

        return letters;
    }

    /// <summary>
    /// Moves the messages of an <c>_error</c> or <c>_skipped</c> queue back to the queue they failed in, at most <paramref name="max"/>; gives their number.
    /// Each is removed only after the broker confirmed its copy, so a broken connection may repeat one but loses none.
    /// </summary>
    /// <exception cref="ArgumentException">The queue's name has neither ending.</exception>
    public async Task<int> ReplayAsync(string queue, int max, CancellationToken cancellation)
    {
        var origin = OriginOf(queue);
        await using var connection = await ConnectAsync(cancellation);
        if (!await ExistsAsync(connection, queue, cancellation))
        {
            return 0;
        }

        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
        var moved = 0;
        while (moved < max && await channel.BasicGetAsync(queue, autoAck: false, cancellation) is { } message)
        {
            var properties = new BasicProperties(message.BasicProperties) { Headers = WithoutFault(message.BasicProperties.Headers) };
            await channel.BasicPublishAsync("", origin, mandatory: true, properties, message.Body, cancellation);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellation);
            moved++;
        }

        return moved;
    }

    private static string OriginOf(string queue) =>
        queue.LastIndexOf('_') is var end and > 0 && queue[end..] is "_error" or "_skipped"
            ? queue[..end]
            : throw new ArgumentException($"{queue} is not a queue of failed messages.", nameof(queue));

    private static Dictionary<string, object?>? WithoutFault(IDictionary<string, object?>? headers) =>
        headers?.Where(header => !header.Key.StartsWith(FaultHeaders, StringComparison.Ordinal)).ToDictionary();

    private static string? Text(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;

    private Task<IConnection> ConnectAsync(CancellationToken cancellation) =>
        new ConnectionFactory { Uri = new Uri(connectionString), ClientProvidedName = "dead letters" }.CreateConnectionAsync(cancellation);

    /// <summary>On a channel of its own, because asking for a queue that does not exist closes the channel.</summary>
    private static async Task<bool> ExistsAsync(IConnection connection, string queue, CancellationToken cancellation)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        try
        {
            await channel.QueueDeclarePassiveAsync(queue, cancellation);
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException absent) when (absent.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }
}
