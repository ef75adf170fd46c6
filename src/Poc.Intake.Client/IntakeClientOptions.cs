using System.Security.Cryptography.X509Certificates;

namespace Poc.Intake.Client;

/// <summary>Where Intake is, who calls it, and how patiently.</summary>
public sealed class IntakeClientOptions
{
    /// <summary>Intake's gRPC endpoint, <c>https://…</c>; <c>http://</c> only on this machine, so that a credential never crosses a network in the clear.</summary>
    public required Uri Address { get; init; }

    /// <summary>The partner's API key, <c>poc_{id}_{secret}</c>. Null where <see cref="Certificate"/> says who calls.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The partner's certificate with its private key. Null where <see cref="ApiKey"/> says who calls.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>How long one attempt of a call may take. Default 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call is tried again while Intake is away or says to come back later, counted from its first failure. Default 5 min; zero means one attempt.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    internal void Validate()
    {
        if (Address.Scheme != Uri.UriSchemeHttps && !(Address.Scheme == Uri.UriSchemeHttp && Address.IsLoopback))
        {
            throw new ArgumentException($"Address is {Address}: it must be https://, or http:// on this machine, so that no credential is sent in the clear.", nameof(Address));
        }

        if (ApiKey is null == Certificate is null)
        {
            throw new ArgumentException("Exactly one of ApiKey and Certificate says who calls.", nameof(ApiKey));
        }

        if (Certificate is { HasPrivateKey: false })
        {
            throw new ArgumentException("The certificate has no private key, so it cannot prove who calls.", nameof(Certificate));
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AttemptTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, TimeSpan.Zero);
    }
}
