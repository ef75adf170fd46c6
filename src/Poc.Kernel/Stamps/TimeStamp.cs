using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Poc.Kernel.Stamps;

/// <summary>A time-stamp (RFC 3161) that holds: at <paramref name="At"/> the authority had seen the hash of the data.</summary>
/// <param name="At">As the authority's clock said.</param>
/// <param name="Signer">Subject of its certificate.</param>
/// <param name="Token">The token alone, DER, without the answer that brought it.</param>
public sealed record TimeStamp(DateTimeOffset At, string Signer, byte[] Token)
{
    private const string TimeStampingUsage = "1.3.6.1.5.5.7.3.8";
    private const int Granted = 0;
    private const int GrantedWithChanges = 1;
    private static readonly HashSet<string> _imprints = new(StringComparer.Ordinal)
    {
        "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3", // SHA-256, 384, 512
        "2.16.840.1.101.3.4.2.8", "2.16.840.1.101.3.4.2.9", "2.16.840.1.101.3.4.2.10", // SHA3-256, 384, 512
    };

    /// <summary>
    /// Verifies a token, or an authority's whole answer: hash of the data, signature, that the signer's certificate is the one the token names and is for time-stamps
    /// alone, and that it leads to a trusted one, all valid at the time of the stamp. Nothing is asked of anybody; so nothing is known of revocations.
    /// </summary>
    /// <param name="stamp">DER.</param>
    /// <param name="data">What was stamped.</param>
    /// <param name="trusted">Certificates to trust: roots, or others that are trusted by themselves.</param>
    /// <param name="helping">Certificates between, where the token has not brought them; none is trusted for being here.</param>
    /// <exception cref="StampException">It does not hold.</exception>
    public static TimeStamp Verify(ReadOnlyMemory<byte> stamp, ReadOnlySpan<byte> data, IReadOnlyList<X509Certificate2> trusted, IReadOnlyList<X509Certificate2>? helping = null)
    {
        var encoded = TokenOf(stamp);
        try
        {
            return VerifyToken(encoded, data, trusted, new X509Certificate2Collection(trusted.Concat(helping ?? []).ToArray()));
        }
        catch (CryptographicException problem)
        {
            // Certificates and attributes are read only when they are asked for.
            throw new StampException(StampProblem.Malformed, "A part of the time-stamp cannot be read.", problem);
        }
    }

    private static TimeStamp VerifyToken(ReadOnlyMemory<byte> encoded, ReadOnlySpan<byte> data, IReadOnlyList<X509Certificate2> trusted, X509Certificate2Collection candidates)
    {
        if (!Rfc3161TimestampToken.TryDecode(encoded, out var token, out var length) || length != encoded.Length)
        {
            throw Unfit(encoded);
        }

        RequireImprint(token.TokenInfo, data);
        if (!token.VerifySignatureForData(data, out var signer, candidates) || signer is null)
        {
            throw new StampException(StampProblem.SignatureWrong, "The signature is wrong, or not by a certificate for time-stamps that the token names.");
        }

        RequireUsage(signer);
        RequireTrust(signer, token, trusted, candidates);
        return new TimeStamp(token.TokenInfo.Timestamp, signer.Subject, encoded.ToArray());
    }

    private static ReadOnlyMemory<byte> TokenOf(ReadOnlyMemory<byte> stamp)
    {
        try
        {
            var outer = new AsnReader(stamp, AsnEncodingRules.BER);
            var inner = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (inner.PeekTag() == Asn1Tag.ObjectIdentifier)
            {
                return stamp;
            }

            // TimeStampResp: what became of the request, then the token where it was granted.
            var status = inner.ReadSequence();
            if (!status.TryReadInt32(out var code) || code is not (Granted or GrantedWithChanges) || !inner.HasData)
            {
                throw new StampException(StampProblem.NotGranted, "The authority did not grant a time-stamp.");
            }

            var token = inner.ReadEncodedValue();
            inner.ThrowIfNotEmpty();
            return token;
        }
        catch (AsnContentException problem)
        {
            throw new StampException(StampProblem.Malformed, "It is neither a time-stamp token nor an authority's answer.", problem);
        }
    }

    // A token is not read at all where its signer's certificate does not fit it; what is wrong is to be said all the same.
    private static StampException Unfit(ReadOnlyMemory<byte> encoded)
    {
        var cms = new SignedCms();
        cms.Decode(encoded.Span);
        if (cms.SignerInfos.Count != 1 || !Rfc3161TimestampTokenInfo.TryDecode(cms.ContentInfo.Content, out var info, out _) || !cms.Encode().AsSpan().SequenceEqual(encoded.Span))
        {
            return new StampException(StampProblem.Malformed, "It is no time-stamp token.");
        }

        return cms.SignerInfos[0].Certificate is { } signer && (info.Timestamp.UtcDateTime < signer.NotBefore.ToUniversalTime() || info.Timestamp.UtcDateTime > signer.NotAfter.ToUniversalTime())
            ? new StampException(StampProblem.CertificateUntrusted, $"The certificate of {signer.Subject} was not valid at the time of the stamp.")
            : new StampException(StampProblem.SignatureWrong, "The signer's certificate is not the one that the token names, or not one for time-stamps alone.");
    }

    private static void RequireImprint(Rfc3161TimestampTokenInfo info, ReadOnlySpan<byte> data)
    {
        if (!_imprints.Contains(info.HashAlgorithmId.Value ?? ""))
        {
            throw new StampException(StampProblem.AlgorithmUnknown, $"The data is hashed by {info.HashAlgorithmId.FriendlyName ?? info.HashAlgorithmId.Value}.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.FromOid(info.HashAlgorithmId.Value!));
        hash.AppendData(data);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(info.GetMessageHash().Span))
        {
            throw new StampException(StampProblem.ImprintMismatch, "The time-stamp is over other data.");
        }
    }

    // Whoever has a key for time-stamps and for something else could be made to sign the one as the other (RFC 3161, 2.3): .NET asks only that it is for time-stamps too.
    private static void RequireUsage(X509Certificate2 signer)
    {
        if (signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToList() is not [{ Critical: true, EnhancedKeyUsages: { Count: 1 } usages }] || usages[0].Value != TimeStampingUsage)
        {
            throw new StampException(StampProblem.CertificateUntrusted, $"The certificate of {signer.Subject} is not for time-stamps alone.");
        }
    }

    private static void RequireTrust(X509Certificate2 signer, Rfc3161TimestampToken token, IReadOnlyList<X509Certificate2> trusted, X509Certificate2Collection candidates)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                VerificationTime = token.TokenInfo.Timestamp.UtcDateTime,
                VerificationTimeIgnored = false,
            },
        };
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStampingUsage));
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(candidates);
        chain.ChainPolicy.ExtraStore.AddRange(token.AsSignedCms().Certificates);
        chain.Build(signer);

        // A certificate that is trusted by itself need not be a root: then the chain ends with it, or may go on to a root that nobody named.
        const X509ChainStatusFlags allowed = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        var problems = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        var isTrusted = chain.ChainElements.Any(element => trusted.Any(certificate => certificate.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)));
        if (!isTrusted || (problems & ~allowed) != 0)
        {
            throw new StampException(
                StampProblem.CertificateUntrusted,
                isTrusted ? $"The certificates of {signer.Subject} do not hold: {problems & ~allowed}." : $"{signer.Subject} does not lead to a trusted certificate.");
        }
    }
}
