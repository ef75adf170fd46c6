using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Poc.Grpc;

/// <summary>P-256 keys as configuration carries them.</summary>
internal static class Keys
{
    /// <param name="base64">SubjectPublicKeyInfo (RFC 5280), base64.</param>
    /// <param name="setting">Named in the error.</param>
    public static ECDsaSecurityKey Public(string base64, string setting) =>
        Read(setting, "a P-256 SubjectPublicKeyInfo in base64", key => key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(base64), out _));

    /// <param name="base64">PKCS#8 (RFC 5958), base64.</param>
    /// <param name="setting">Named in the error.</param>
    public static ECDsaSecurityKey Private(string base64, string setting) =>
        Read(setting, "a P-256 private key in PKCS#8, base64", key => key.ImportPkcs8PrivateKey(Convert.FromBase64String(base64), out _));

    private static ECDsaSecurityKey Read(string setting, string form, Action<ECDsa> import)
    {
        var key = ECDsa.Create();
        try
        {
            import(key);
        }
        catch (Exception problem) when (problem is FormatException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidOperationException($"{setting} must be {form}.", problem);
        }

        if (key.KeySize != 256)
        {
            key.Dispose();
            throw new InvalidOperationException($"{setting} must be {form}; it is a key of {key.KeySize} bits.");
        }

        // The key's thumbprint (RFC 7638) as key id, so that key rollover needs no further setting.
        var security = new ECDsaSecurityKey(key);
        security.KeyId = Base64UrlEncoder.Encode(security.ComputeJwkThumbprint());
        return security;
    }
}
