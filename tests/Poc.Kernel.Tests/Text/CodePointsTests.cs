using System.Text;
using CsCheck;
using Poc.Kernel.Text;

namespace Poc.Kernel.Tests.Text;

public sealed class CodePointsTests
{
    [Theory]
    [InlineData("abc", 3)]
    [InlineData("Привет", 6)]
    [InlineData("😀a", 2)]
    [InlineData("𠮷野家", 3)]
    [InlineData("e\u0301", 2)]
    [InlineData("", 0)]
    public void Counts_code_points(string text, int expected) => Assert.Equal(expected, CodePoints.Count(text));

    [Theory]
    [InlineData("😀a😀b", 1, 3, "a😀")]
    [InlineData("𠮷野家", 1, 3, "野家")]
    [InlineData("abc", 0, 3, "abc")]
    [InlineData("abc", 2, 4, null)]
    [InlineData("😀", 0, 2, null)]
    [InlineData("abc", 1, 1, null)]
    [InlineData("abc", -1, 1, null)]
    [InlineData("abc", 2, 1, null)]
    [InlineData("", 0, 1, null)]
    public void Slices_by_code_points(string text, int start, int end, string? expected) => Assert.Equal(expected, CodePoints.Slice(text, start, end));

    [Fact]
    public void A_slice_is_that_of_the_text_in_UTF_32()
    {
        var rune = Gen.OneOf(Gen.Int[0x20, 0x7E], Gen.Int[0x400, 0x4FF], Gen.Int[0x4E00, 0x9FFF], Gen.Int[0x1F600, 0x1F64F]).Select(value => new Rune(value));
        Gen.Select(rune.Array[1, 40], Gen.Int[0, 45], Gen.Int[0, 45]).Sample((runes, start, end) =>
        {
            var slice = CodePoints.Slice(string.Concat(runes), start, end);
            Assert.Equal(start < end && end <= runes.Length ? string.Concat(runes[start..end]) : null, slice);
        });
    }

    // Not inline data: attributes are stored as UTF-8, which has no surrogates.
    [Fact]
    public void Refuses_an_unpaired_surrogate()
        => Assert.All(["\ud800", "a\udc00b", "\udc00\ud800", "😀\ud83d"], text =>
        {
            Assert.False(CodePoints.AreWellFormed(text));
            Assert.Throws<FormatException>(() => CodePoints.Count(text));
            Assert.Throws<FormatException>(() => CodePoints.Slice(text, 0, 1));
        });
}
