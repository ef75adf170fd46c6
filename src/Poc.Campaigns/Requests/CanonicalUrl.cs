using System.Globalization;

namespace Poc.Campaigns.Requests;

/// <summary>
/// One spelling for links that lead to the same page: scheme, user part, fragment, default port, leading <c>www.</c>, <c>m.</c>, <c>amp.</c> and a trailing <c>/</c> or <c>/amp</c>
/// are dropped, the host is lower-case ASCII, the query is sorted and rid of what only tracks the click. Nothing is looked up: a shortened link stays itself.
/// </summary>
public static class CanonicalUrl
{
    private static readonly HashSet<string> Tracking = new(StringComparer.OrdinalIgnoreCase)
    {
        "fbclid", "gclid", "dclid", "yclid", "msclkid", "igshid", "igsh", "mc_cid", "mc_eid", "ref", "ref_src", "ref_url", "si", "s_cid", "cmpid", "ocid", "spm", "share", "_ga", "amp",
    };

    private static readonly string[] HostPrefixes = ["www.", "m.", "mobile.", "amp."];
    private static readonly IdnMapping Idn = new();

    /// <summary>The canonical form as <c>host/path?query</c>, or null where the text is no web address.</summary>
    public static string? Of(string url)
    {
        var text = url.Trim().TrimEnd('.', ',', ';', ')', ']', '>', '"', '\'', '»', '”', '!');
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            // Without a scheme it is a host, maybe with a port: mailto:, tel: and the like are no web addresses.
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon >= 0 && (colon + 1 == text.Length || !char.IsAsciiDigit(text[colon + 1])))
            {
                return null;
            }

            text = "http://" + text;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || !uri.Host.Contains('.', StringComparison.Ordinal))
        {
            return null;
        }

        var path = uri.AbsolutePath.TrimEnd('/');
        if (path.EndsWith("/amp", StringComparison.Ordinal))
        {
            path = path[..^4];
        }

        var port = uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        return Host(uri) + port + path + Query(uri.Query);
    }

    /// <summary>The host of a canonical form.</summary>
    public static string HostOf(string canonical)
    {
        var end = canonical.AsSpan().IndexOfAny('/', '?', ':');
        return end < 0 ? canonical : canonical[..end];
    }

    private static string Host(Uri uri)
    {
        var host = uri.IdnHost.ToLowerInvariant();
        try
        {
            host = Idn.GetAscii(host);
        }
        catch (ArgumentException)
        {
            // An underscore or an over-long label: the name stays as written.
        }

        foreach (var prefix in HostPrefixes)
        {
            if (host.StartsWith(prefix, StringComparison.Ordinal) && host.IndexOf('.', prefix.Length) > 0)
            {
                host = host[prefix.Length..];
            }
        }

        return host;
    }

    private static string Query(string query)
    {
        if (query.Length <= 1)
        {
            return "";
        }

        var kept = query[1..].Split('&', StringSplitOptions.RemoveEmptyEntries).Where(static pair => !Tracks(pair)).Order(StringComparer.Ordinal).ToList();
        return kept.Count == 0 ? "" : "?" + string.Join('&', kept);
    }

    private static bool Tracks(string pair)
    {
        var name = pair.Split('=', 2)[0];
        return name.StartsWith("utm_", StringComparison.OrdinalIgnoreCase) || Tracking.Contains(name);
    }
}
