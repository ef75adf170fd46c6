using System.Text;
using Poc.Kernel.Media;

namespace Poc.Kernel.Tests.Media;

public sealed class MediaTypeSnifferTests
{
    [Theory]
    [InlineData("255044462D312E37", "application/pdf")]
    [InlineData("89504E470D0A1A0A0000", "image/png")]
    [InlineData("FFD8FFE000104A464946", "image/jpeg")]
    [InlineData("474946383961", "image/gif")]
    [InlineData("524946460000000057454250", "image/webp")]
    [InlineData("00000018667479706D703432", "video/mp4")]
    [InlineData("1A45DFA3", "video/webm")]
    [InlineData("504B0304", "application/zip")]
    [InlineData("574152432F312E310D0A", "application/warc")]
    [InlineData("EFBBBF0A203C21444F43545950452068746D6C3E", "text/html")]
    [InlineData("3C48544D4C206C616E673D", "text/html")]
    [InlineData("3C68746D6C78", "text/plain")]
    [InlineData("4D5A9000", MediaTypeSniffer.Program)]
    [InlineData("7F454C46", MediaTypeSniffer.Program)]
    [InlineData("2321", MediaTypeSniffer.Program)]
    [InlineData("CFFAEDFE", MediaTypeSniffer.Program)]
    [InlineData("00010203", "")]
    [InlineData("FFFEFDFC", "")]
    public void Tells_formats_by_their_first_bytes(string hex, string expected) => Assert.Equal(expected, MediaTypeSniffer.Sniff(Convert.FromHexString(hex)));

    [Fact]
    public void Text_in_any_script_is_text_even_where_the_last_character_is_cut()
    {
        var text = Encoding.UTF8.GetBytes(new string('я', 400));

        Assert.Equal("text/plain", MediaTypeSniffer.Sniff(text.AsSpan(0, MediaTypeSniffer.Length)));
        Assert.Equal("text/plain", MediaTypeSniffer.Sniff([.. "x"u8, .. text.AsSpan(0, MediaTypeSniffer.Length - 1)]));
        Assert.Equal("", MediaTypeSniffer.Sniff(text.AsSpan(0, 101)));
    }
}
