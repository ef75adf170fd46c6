using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Configuration;

namespace Poc.Grpc;

/// <summary>
/// Page tokens (AIP-158): opaque to clients, signed, and bound to the method's arguments, so that a token cannot be made up nor be carried to another query.
/// They say where to go on, never what may be seen: each page is authorised anew.
/// </summary>
/// <remarks>
/// Layout: HMAC-SHA-256 cut to 16 bytes, then the cursor in UTF-8; base64url. What is signed: the request message's full name, the SHA-256 of the request
/// without
/// <c>page_token</c> and <c>page_size</c> (which may change between pages), the cursor. The cursor is readable to who decodes it: put keys into it, not
/// secrets.
/// </remarks>
public sealed class PageTokens
{
    private const int SignatureLength = 16;
    private const int MaxTokenLength = 2048;

    private readonly byte[] _key;

    /// <param name="key">At least 32 bytes that all replicas of the service share.</param>
    public PageTokens(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 32, nameof(key));
        _key = key;
    }

    /// <summary>
    /// The key from <c>PageTokens:Key</c> (base64, at least 32 bytes). Without it the key is derived (HKDF) from the service's connection strings: a secret
    /// that
    /// every replica has and that outlives a restart. A token whose key changed is answered like any foreign one, and its client starts again at the first
    /// page.
    /// </summary>
    internal static PageTokens FromConfiguration(IConfiguration configuration)
    {
        if (configuration["PageTokens:Key"] is { Length: > 0 } key)
        {
            return new PageTokens(Convert.FromBase64String(key));
        }

        var connections = configuration.GetSection("ConnectionStrings").GetChildren().OrderBy(static entry => entry.Key, StringComparer.Ordinal);
        var secret = Encoding.UTF8.GetBytes(string.Concat(connections.Select(static entry => $"{entry.Key}={entry.Value}\n")));
        return new PageTokens(secret.Length == 0
            ? RandomNumberGenerator.GetBytes(32)
            : HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "poc page tokens"u8.ToArray()));
    }

    /// <summary>The token of the page that starts after <paramref name="cursor"/>.</summary>
    /// <param name="request">The request; its page fields do not count.</param>
    /// <param name="cursor">Where the next page starts, in the method's own form, e.g. the last element's key.</param>
    public string Issue(IMessage request, string cursor)
    {
        var position = Encoding.UTF8.GetBytes(cursor);
        return Base64Url.EncodeToString([.. Sign(request, position), .. position]);
    }

    /// <summary>The cursor of a token that was issued for these arguments; null for an empty token, the first page.</summary>
    /// <exception cref="RpcError">INVALID_ARGUMENT PAGE_TOKEN_INVALID: any other token.</exception>
    public string? Read(IMessage request, string token)
    {
        if (token.Length == 0)
        {
            return null;
        }

        if (token.Length > MaxTokenLength || !Base64Url.IsValid(token, out var length) || length < SignatureLength)
        {
            throw CommonErrors.PageTokenInvalid();
        }

        var bytes = Base64Url.DecodeFromChars(token);
        var position = bytes.AsSpan(SignatureLength);
        return CryptographicOperations.FixedTimeEquals(Sign(request, position), bytes.AsSpan(0, SignatureLength))
            ? Encoding.UTF8.GetString(position)
            : throw CommonErrors.PageTokenInvalid();
    }

    private ReadOnlySpan<byte> Sign(IMessage request, ReadOnlySpan<byte> position)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(Encoding.UTF8.GetBytes(request.Descriptor.FullName));
        mac.AppendData([0]);
        mac.AppendData(SHA256.HashData(WithoutPage(request).ToByteArray()));
        mac.AppendData(position);
        return mac.GetHashAndReset().AsSpan(0, SignatureLength);
    }

    private static IMessage WithoutPage(IMessage request)
    {
        var copy = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
        foreach (var name in (ReadOnlySpan<string>)["page_token", "page_size"])
        {
            request.Descriptor.FindFieldByName(name)?.Accessor.Clear(copy);
        }

        return copy;
    }
}
