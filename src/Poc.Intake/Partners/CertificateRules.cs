using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Poc.Grpc;

namespace Poc.Intake.Partners;

/// <summary>What a partner's certificate must be; pure. Who issued it is not asked: it is registered by an administrator and trusted for that.</summary>
internal static class CertificateRules
{
    /// <summary>Largest certificate, in bytes.</summary>
    public const int MaxBytes = 16 * 1024;

    private const string Field = "certificate";
    private const string NamePrefix = "urn:poc:partners/";
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // GeneralName ::= CHOICE { … uniformResourceIdentifier [6] IA5String … } (RFC 5280, 4.2.1.6).
    private static readonly Asn1Tag _uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The certificate; null when it is none.</summary>
    /// <param name="bytes">DER or PEM.</param>
    public static X509Certificate2? Read(byte[] bytes)
    {
        try
        {
            return bytes.Length is > 0 and <= MaxBytes ? X509CertificateLoader.LoadCertificate(bytes) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Notes what is wrong with the certificate for this partner.</summary>
    /// <param name="violations">Where.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="partner">The partner's id.</param>
    /// <param name="now">The time.</param>
    public static void Check(Violations violations, X509Certificate2 certificate, string partner, DateTimeOffset now) => violations
        .Require(Uris(certificate) is [var uri] && uri == NamePrefix + partner, Field, $"must have the one subject alternative name URI {NamePrefix}{partner}")
        .Require(
            certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(static usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(static oid => oid.Value == ClientAuthentication)),
            Field, "must be for client authentication (extended key usage)")
        .Require(IsStrong(certificate), Field, "must have an RSA key of at least 2048 bits or an EC key of at least 256")
        .Require(certificate.NotAfter.ToUniversalTime() > now.UtcDateTime, Field, "is expired");

    private static bool IsStrong(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        using var ec = certificate.GetECDsaPublicKey();
        return rsa?.KeySize >= 2048 || ec?.KeySize >= 256;
    }

    // Empty too where the extension cannot be read.
    private static List<string> Uris(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        try
        {
            foreach (var extension in certificate.Extensions.Where(static extension => extension.Oid?.Value == SubjectAlternativeName))
            {
                for (var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence(); names.HasData;)
                {
                    if (names.PeekTag().HasSameClassAndValue(_uri))
                    {
                        uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, _uri));
                    }
                    else
                    {
                        names.ReadEncodedValue();
                    }
                }
            }
        }
        catch (AsnContentException)
        {
            uris.Clear();
        }

        return uris;
    }
}
