using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Poc.LocalHost.Servers;
using RabbitMQ.Client;

namespace Poc.Bus.Tests;

/// <summary>A virtual host of a test's own on a broker: exchanges and queues of other tests are not in it. Raw access to it, as another program would have.</summary>
internal sealed class VirtualHost : IAsyncDisposable
{
    private readonly string _name;
    private readonly HttpClient _management;
    private IConnection? _connection;

    private VirtualHost(RabbitMqServer server, string name)
    {
        _name = name;
        ConnectionString = $"{server.ConnectionString}/{name}";
        var user = new Uri(server.ConnectionString).UserInfo.Split(':').Select(Uri.UnescapeDataString);
        _management = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{server.ManagementPort}/api/"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join(':', user)))) },
        };
    }

    public string ConnectionString { get; }

    public static async Task<VirtualHost> CreateAsync(RabbitMqServer server)
    {
        var host = new VirtualHost(server, $"test-{Guid.CreateVersion7():N}");
        await Poc.Testing.Eventually.BecomesTrueAsync(async () => // the management plugin answers a little later than the broker
        {
            using var answer = await host._management.PutAsync($"vhosts/{host._name}", content: null);
            return answer.IsSuccessStatusCode;
        });
        return host;
    }

    /// <summary>The names of its exchanges, without those every virtual host has.</summary>
    public async Task<IReadOnlyList<string>> ExchangesAsync() =>
        [.. (await ListAsync("exchanges")).Select(exchange => exchange.GetProperty("name").GetString()!).Where(name => name.Length > 0 && !name.StartsWith("amq.", StringComparison.Ordinal))];

    /// <summary>Its queues by name with their type.</summary>
    public async Task<IReadOnlyDictionary<string, string>> QueuesAsync() =>
        (await ListAsync("queues")).ToDictionary(queue => queue.GetProperty("name").GetString()!, queue => queue.GetProperty("type").GetString()!);

    public async Task<IChannel> ChannelAsync()
    {
        _connection ??= await new ConnectionFactory { Uri = new Uri(ConnectionString) }.CreateConnectionAsync();
        return await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
    }

    /// <summary>A queue that collects what is published to an exchange from now on.</summary>
    public async Task<Tap> TapAsync(string exchange)
    {
        var channel = await ChannelAsync();
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("tap", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("tap", exchange, "");
        return new Tap(channel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _management.Dispose();
    }

    private async Task<JsonElement[]> ListAsync(string what) => (await _management.GetFromJsonAsync<JsonElement[]>($"{what}/{_name}"))!;

    internal sealed record Tap(IChannel Channel)
    {
        /// <summary>The next message, removed from the queue.</summary>
        public async Task<BasicGetResult> NextAsync()
        {
            BasicGetResult? message = null;
            await Poc.Testing.Eventually.BecomesTrueAsync(async () => (message = await Channel.BasicGetAsync("tap", autoAck: true)) is not null, what: "a message arrives");
            return message!;
        }
    }
}
