using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Poc.Kernel.Json;

namespace Poc.Kernel.Tests.Json;

public sealed class CanonicalJsonTests
{
    // RFC 8785, appendix B.
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void Writes_numbers_as_the_standard_does(string bits, string expected)
        => Assert.Equal(expected, Written(JsonValue.Create(BitConverter.UInt64BitsToDouble(Convert.ToUInt64(bits, 16)))));

    [Fact]
    public void Numbers_read_back_as_they_were()
        => Gen.Double.Where(double.IsFinite).Sample(value =>
            value.Equals(double.Parse(Written(JsonValue.Create(value)), System.Globalization.CultureInfo.InvariantCulture)) || value == 0);

    // RFC 8785, section 3.2.3: by UTF-16 code units, in which the surrogates of an emoji sort before U+FB33.
    [Fact]
    public void Sorts_members_by_their_code_units()
    {
        const string Json = """
            { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" }
            """;
        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
            + "\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
            Rewritten(Json));
    }

    // RFC 8785, section 3.2.2.
    [Fact]
    public void Escapes_as_little_as_it_can()
        => Assert.Equal(
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
            Rewritten("""
                { "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }
                """));

    [Fact]
    public void Is_its_own_canonical_form()
        => Gen.String.Dictionary(Gen.String)[0, 8].Sample(members =>
        {
            var json = new JsonObject(members.Where(m => Poc.Kernel.Text.CodePoints.AreWellFormed(m.Key + "|" + m.Value))
                .Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
            var bytes = CanonicalJson.Write(json);
            Assert.True(CanonicalJson.IsCanonical(bytes));
            Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(bytes)));
        });

    [Theory]
    [InlineData("{\"b\":1,\"a\":2}")]
    [InlineData("{\"a\": 1}")]
    [InlineData("[1.0]")]
    [InlineData("\"\\u0041\"")]
    public void Knows_what_is_not_canonical(string json) => Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1e400")]
    [InlineData("{} {}")]
    [InlineData("NaN")]
    public void Refuses_what_has_no_canonical_form(string json)
        => Assert.Throws<FormatException>(() => CanonicalJson.Rewrite(Encoding.UTF8.GetBytes(json)));

    private static string Written(JsonNode? value) => Encoding.UTF8.GetString(CanonicalJson.Write(value));

    private static string Rewritten(string json) => Encoding.UTF8.GetString(CanonicalJson.Rewrite(Encoding.UTF8.GetBytes(json)));
}
