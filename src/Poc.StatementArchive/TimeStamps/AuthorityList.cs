using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Poc.StatementArchive.TimeStamps;

/// <summary>A time-stamp authority that checkpoints are sent to.</summary>
/// <param name="Name">As its stamps are filed.</param>
/// <param name="Address">Where it takes requests (RFC 3161, 3.4).</param>
/// <param name="Certificate">What its signer's certificate must lead to.</param>
public sealed record Authority(string Name, Uri Address, X509Certificate2 Certificate);

/// <summary>The configured authorities.</summary>
public sealed partial class AuthorityList : IDisposable
{
    /// <summary>Reads <c>Log:TimeStampAuthorities</c> and their certificates.</summary>
    /// <exception cref="ValidationException">A name cannot be a file's, stands there twice, an address is not an HTTP one, or a certificate cannot be read.</exception>
    public AuthorityList(IOptions<ArchiveOptions> options)
    {
        All = [.. options.Value.TimeStampAuthorities.Select(Read)];
        if (All.Select(authority => authority.Name).Distinct(StringComparer.Ordinal).Count() != All.Count)
        {
            throw new ValidationException("Log:TimeStampAuthorities has a name twice.");
        }
    }

    /// <summary>All of them, in the order of the configuration.</summary>
    public IReadOnlyList<Authority> All { get; }

    /// <summary>Their names.</summary>
    public string[] Names => [.. All.Select(authority => authority.Name)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var authority in All)
        {
            authority.Certificate.Dispose();
        }
    }

    private static Authority Read(TimeStampAuthorityOptions configured, int place)
    {
        var section = string.Create(CultureInfo.InvariantCulture, $"Log:TimeStampAuthorities:{place}");
        if (!NamePattern().IsMatch(configured.Name))
        {
            throw new ValidationException($"{section}:Name must be 1 to 40 lower-case letters, digits and hyphens.");
        }

        if (!Uri.TryCreate(configured.Url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp) || address.UserInfo.Length > 0)
        {
            throw new ValidationException($"{section}:Url must be an http or https address without user and password.");
        }

        try
        {
            return new Authority(configured.Name, address, X509CertificateLoader.LoadCertificateFromFile(configured.CertificateFile));
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or ArgumentException)
        {
            throw new ValidationException($"{section}:CertificateFile is no certificate: {problem.Message}", problem);
        }
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
