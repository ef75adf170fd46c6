using System.Text;
using System.Text.Unicode;

namespace Poc.Kernel.Media;

/// <summary>
/// What the first bytes of a file look like; pure. The signatures are those of the WHATWG's "MIME Sniffing" standard and of the formats themselves. A hint: whoever
/// opens a file must still treat it as untrusted.
/// </summary>
public static class MediaTypeSniffer
{
    /// <summary>How many bytes it looks at.</summary>
    public const int Length = 512;

    /// <summary>What stands for any kind of program.</summary>
    public const string Program = "application/x-executable";

    /// <summary>A media type, or empty when the bytes say nothing.</summary>
    /// <param name="head">The first bytes, <see cref="Length"/> of them where the file has as many.</param>
    public static string Sniff(ReadOnlySpan<byte> head) => head switch
    {
        [0x4D, 0x5A, ..] or [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] or [(byte)'#', (byte)'!', ..]
            or [0xCF or 0xCE, 0xFA, 0xED, 0xFE, ..] or [0xFE, 0xED, 0xFA, 0xCE or 0xCF, ..] => Program,
        _ when head.StartsWith("%PDF-"u8) => "application/pdf",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        _ when head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) => "image/gif",
        _ when head.Length >= 12 && head.StartsWith("RIFF"u8) => Riff(head.Slice(8, 4)),
        _ when head.Length >= 12 && head.Slice(4, 4).SequenceEqual("ftyp"u8) => "video/mp4",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "video/webm",
        _ when head.StartsWith("OggS"u8) => "application/ogg",
        _ when head.StartsWith("ID3"u8) || head is [0xFF, 0xFB or 0xF3 or 0xF2, ..] => "audio/mpeg",
        [(byte)'P', (byte)'K', 3, 4, ..] => "application/zip", // office documents too
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => "application/x-ole-storage", // older office documents, mails
        [0x1F, 0x8B, ..] => "application/gzip",
        _ when head.StartsWith("WARC/"u8) => "application/warc",
        _ when IsHtml(head) => "text/html",
        _ => IsText(head) ? "text/plain" : "",
    };

    private static bool IsHtml(ReadOnlySpan<byte> head)
    {
        var start = head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? head[3..] : head;
        start = start.TrimStart(" \t\r\n\f"u8);
        return IsTag(start, "<!doctype html"u8) || IsTag(start, "<html"u8) || IsTag(start, "<head"u8) || IsTag(start, "<body"u8);

        static bool IsTag(ReadOnlySpan<byte> text, ReadOnlySpan<byte> tag)
            => text.Length > tag.Length && Ascii.EqualsIgnoreCase(text[..tag.Length], tag) && text[tag.Length] is (byte)' ' or (byte)'>' or (byte)'\n' or (byte)'\r' or (byte)'\t';
    }

    private static string Riff(ReadOnlySpan<byte> form) => form switch
    {
        _ when form.SequenceEqual("WEBP"u8) => "image/webp",
        _ when form.SequenceEqual("WAVE"u8) => "audio/wav",
        _ when form.SequenceEqual("AVI "u8) => "video/avi",
        _ => "",
    };

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
        {
            if (b < 0x20 && b is not (0x09 or 0x0A or 0x0C or 0x0D or 0x1B))
            {
                return false;
            }
        }

        // The end of what was read may cut a character in two: at most three bytes of it are there.
        for (var cut = 0; cut <= 3 && cut < head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
            {
                return cut == 0 || head.Length == Length;
            }
        }

        return false;
    }
}
