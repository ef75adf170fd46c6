using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Poc.Verify.Bags;

/// <summary><c>bagit.txt</c> (RFC 8493, 2.1.1): which version of BagIt, and how the other tag files are encoded.</summary>
/// <param name="Version">1.0, or one of the drafts before it.</param>
/// <param name="Encoding">Strict: bytes that are not text are an error.</param>
internal sealed partial record BagDeclaration(Version Version, Encoding Encoding)
{
    public const string File = "bagit.txt";
    private const int MaxSize = 4_096;
    private static readonly Version[] _versions = [new(0, 93), new(0, 94), new(0, 95), new(0, 96), new(0, 97), new(1, 0)];
    private static readonly Version _final = new(1, 0);

    /// <summary>Whether RFC 8493 rules, and not one of its drafts.</summary>
    public bool IsFinal => Version == _final;

    public static async Task<BagDeclaration> ReadAsync(BagFolder bag, CancellationToken cancellation)
    {
        if (!bag.Files.ContainsKey(File))
        {
            throw new RefusedException(Reason.FileMissing, File, "without it this is not a bag");
        }

        await using var stream = bag.Read(File);
        string text;
        try
        {
            text = new UTF8Encoding(false, true).GetString(await Input.ReadAsync(stream, File, MaxSize, cancellation));
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException(Reason.Malformed, File, "it is not UTF-8");
        }

        // A byte order mark is not allowed here, nor more or other lines, nor other white space than one blank.
        var match = Form().Match(text);
        if (!match.Success)
        {
            throw new RefusedException(Reason.Malformed, File, "it has the two lines BagIt-Version: M.N and Tag-File-Character-Encoding: NAME, and nothing else");
        }

        var version = Version.Parse(match.Groups["version"].Value);
        return new BagDeclaration(
            _versions.Contains(version) ? version : throw new RefusedException(Reason.Unknown, File, string.Create(CultureInfo.InvariantCulture, $"nothing is known of BagIt {version}")),
            EncodingOf(match.Groups["encoding"].Value));
    }

    private static Encoding EncodingOf(string name) => name.ToUpperInvariant() switch
    {
        "UTF-8" or "UTF8" => new UTF8Encoding(false, true),
        "UTF-16" => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        "UTF-16BE" => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true),
        "UTF-16LE" => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true),
        "ISO-8859-1" => Encoding.Latin1,
        "US-ASCII" or "ASCII" => Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
        _ => throw new RefusedException(Reason.Unknown, File, $"nothing is known of the encoding {name}"),
    };

    [GeneratedRegex(@"\ABagIt-Version: (?<version>[0-9]{1,3}\.[0-9]{1,3})(?:\r\n|\r|\n)Tag-File-Character-Encoding: (?<encoding>[A-Za-z0-9._:-]+)(?:\r\n|\r|\n)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
