using System.Buffers.Text;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace Poc.Grpc.Tests.Paging;

public sealed class PageTokensTests
{
    private readonly PageTokens _tokens = new(RandomNumberGenerator.GetBytes(32));

    [Theory]
    [InlineData("")]
    [InlineData("2021-01-17T00:00:00Z|01890a5d")]
    [InlineData("Навальный")]
    public void A_token_gives_its_cursor_back(string cursor)
    {
        var token = _tokens.Issue(new ProbeRequest { Text = "query" }, cursor);

        Assert.Equal(cursor, _tokens.Read(new ProbeRequest { Text = "query", PageToken = token, PageSize = 7 }, token));
    }

    [Fact]
    public void No_token_is_the_first_page() => Assert.Null(_tokens.Read(new ProbeRequest(), ""));

    [Fact]
    public void A_token_is_worth_nothing_for_other_arguments() =>
        Refuses(new ProbeRequest { Text = "other" }, _tokens.Issue(new ProbeRequest { Text = "query" }, "c"));

    [Fact]
    public void A_token_is_worth_nothing_for_another_method() =>
        Refuses(new ProbeRequest(), _tokens.Issue(new ProbeResponse(), "c"));

    [Fact]
    public void A_token_of_another_key_is_worth_nothing() =>
        Refuses(new ProbeRequest(), new PageTokens(RandomNumberGenerator.GetBytes(32)).Issue(new ProbeRequest(), "c"));

    [Fact]
    public void A_token_with_any_bit_changed_is_worth_nothing()
    {
        var request = new ProbeRequest { Text = "query" };
        var bytes = Base64Url.DecodeFromChars(_tokens.Issue(request, "cursor"));

        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Refuses(request, Base64Url.EncodeToString(changed));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("not base64url!")]
    [InlineData("AAAA")]
    [InlineData("яяя")]
    public void What_is_no_token_is_refused(string token) => Refuses(new ProbeRequest(), token);

    [Fact]
    public void A_huge_token_is_refused() => Refuses(new ProbeRequest(), new string('A', 1_000_000));

    [Fact]
    public void Replicas_with_the_same_connections_read_each_others_tokens()
    {
        var request = new ProbeRequest { Text = "query" };
        var token = Replica("Host=db;Password=secret").Issue(request, "c");

        Assert.Equal("c", Replica("Host=db;Password=secret").Read(request, token));
        Assert.Throws<RpcError>(() => Replica("Host=db;Password=other").Read(request, token));
    }

    private static PageTokens Replica(string connection) =>
        PageTokens.FromConfiguration(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:intakedb"] = connection }).Build());

    private void Refuses(ProbeRequest request, string token)
    {
        var error = Assert.Throws<RpcError>(() => _tokens.Read(request, token));
        Assert.Equal((StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID"), (error.Code, error.Reason));
    }
}
