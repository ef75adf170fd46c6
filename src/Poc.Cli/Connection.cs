using System.CommandLine;
using Grpc.Core;
using Grpc.Net.Client;
using Poc.Grpc;

namespace Poc.Cli;

/// <summary>One channel to a service and the headers that say who calls.</summary>
internal sealed class Connection : IDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(10);
    private readonly GrpcChannel channel;

    private Connection(string address, Metadata headers)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"'{address}' is not an address: give http://host:port or https://host:port.");
        }

        channel = GrpcChannel.ForAddress(uri);
        Headers = headers;
    }

    public CallInvoker Invoker => channel.CreateCallInvoker();

    public Metadata Headers { get; }

    /// <summary>Options of one unary call: headers and a deadline of 30 s.</summary>
    public CallOptions Call(CancellationToken cancellation) =>
        new(Headers, TimeProvider.System.GetUtcNow().Add(CallLimit).UtcDateTime, cancellation);

    /// <summary>As a staff member who needs one of the services' <paramref name="roles"/>: the given token, or one minted from this checkout's development key.</summary>
    public static Connection AsStaff(ParseResult parsed, Option<string> address, params string[] roles)
    {
        var token = parsed.GetValue(GlobalOptions.Token)
            ?? DevelopmentTokens.Mint(DevelopmentKey.Read(parsed), parsed.GetRequiredValue(GlobalOptions.As), roles, TokenLifetime, TimeProvider.System);
        return new(parsed.GetRequiredValue(address), new Metadata { { "authorization", $"Bearer {token}" } });
    }

    /// <summary>As a partner, with its API key.</summary>
    public static Connection AsPartner(ParseResult parsed, string apiKey) =>
        new(parsed.GetRequiredValue(GlobalOptions.Intake), new Metadata { { "x-api-key", apiKey } });

    /// <summary>As nobody in particular.</summary>
    public static Connection Anonymous(ParseResult parsed, Option<string> address) => new(parsed.GetRequiredValue(address), []);

    public void Dispose() => channel.Dispose();
}
