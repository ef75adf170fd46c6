using System.Buffers;
using System.Text;

namespace Poc.MailSink.Tests;

public sealed class DotDecoderTests
{
    [Theory]
    [InlineData(".\r\n", "", "")]
    [InlineData("a\r\n.\r\n", "a\r\n", "")]
    [InlineData("..\r\n.\r\n", ".\r\n", "")]
    [InlineData("...x\r\n.\r\n", "..x\r\n", "")]
    [InlineData("a.b\r\n.\r\nQUIT\r\n", "a.b\r\n", "QUIT\r\n")]
    [InlineData("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", "")] // bare LF ends no line
    [InlineData("a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", "")] // nor does bare CR
    [InlineData("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", "")]
    [InlineData("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", "")]
    [InlineData("a\r\n.\n.\r\n\r\n.\r\n", "a\r\n\n.\r\n\r\n", "")]
    public void Finds_the_end_and_takes_the_dots_out_however_the_bytes_are_cut(string wire, string content, string rest)
    {
        var bytes = Encoding.ASCII.GetBytes(wire);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var output = new ArrayBufferWriter<byte>();
            var decoder = new DotDecoder(output, 1000);

            var complete = decoder.Feed(bytes.AsSpan(0, cut), out var taken);
            if (!complete)
            {
                Assert.Equal(cut, taken);
                Assert.True(decoder.Feed(bytes.AsSpan(cut), out var more));
                taken += more;
            }

            Assert.Equal((content, rest), (Encoding.ASCII.GetString(output.WrittenSpan), wire[taken..]));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".\r")]
    [InlineData("a\r\n.")]
    [InlineData("a\n.\n")]
    [InlineData("a\r\n..\r\n")]
    [InlineData("a.\r\n")]
    public void Does_not_see_an_end_where_there_is_none(string wire) =>
        Assert.False(new DotDecoder(new ArrayBufferWriter<byte>(), 1000).Feed(Encoding.ASCII.GetBytes(wire), out _));

    [Fact]
    public void Counts_what_is_too_much_and_does_not_keep_it()
    {
        var output = new ArrayBufferWriter<byte>();
        var decoder = new DotDecoder(output, 10);

        Assert.True(decoder.Feed(Encoding.ASCII.GetBytes(new string('x', 1000) + "\r\n.\r\n"), out _));

        Assert.Equal((10, 1002), (output.WrittenCount, decoder.Length));
    }
}
