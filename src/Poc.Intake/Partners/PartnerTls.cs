using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Poc.Intake.Partners;

/// <summary>How Intake's https endpoints, where configuration has any, take client certificates.</summary>
internal static class PartnerTls
{
    /// <summary>
    /// Asks for a client certificate and lets callers in without one or with any: the handshake proves that the client has the private key, <see cref="PartnerCertificates"/>
    /// says whose it is. Nothing of a chain is looked at, and nothing fetched: a certificate may name any address to fetch from.
    /// </summary>
    public static void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
        https.OnAuthenticate = static (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
    }
}
