using System.Text;
using Poc.Kernel.Log;

namespace Poc.Kernel.Tests.Log;

public sealed class LogEntryTests
{
    private static readonly LogEntry _entry = new(
        LogEntry.Kinds.Statement, Guid.Parse("01a2b3c4-0000-7000-8000-000000000001"), Guid.Parse("01a2b3c4-0000-7000-8000-000000000002"),
        Guid.Parse("01a2b3c4-0000-7000-8000-000000000003"), new DateTimeOffset(2021, 1, 17, 18, 20, 0, TimeSpan.Zero))
    {
        Commitment = new byte[32],
        MediaType = "text/plain",
        Size = 12,
    };

    // Entries are hashed: these bytes may never change for version 1.
    [Fact]
    public void Has_the_bytes_it_always_had()
        => Assert.Equal(
            """{"actor":"01a2b3c4-0000-7000-8000-000000000003","at":"2021-01-17T18:20:00.000000Z","commitment":"0000000000000000000000000000000000000000000000000000000000000000","id":"01a2b3c4-0000-7000-8000-000000000001","kind":"statement","media_type":"text/plain","object":"01a2b3c4-0000-7000-8000-000000000002","size":12,"v":1}""",
            _entry.ToString());

    [Fact]
    public void Reads_back()
    {
        var entry = _entry with { Predecessor = new byte[32], RecordCommitment = new byte[32], Sha256 = new byte[32] };
        Assert.Equal(entry.ToString(), LogEntry.Parse(entry.ToBytes()).ToString());
    }

    [Fact]
    public void Refuses_a_kind_it_does_not_know() => Assert.Throws<InvalidOperationException>(() => (_entry with { Kind = "gossip" }).ToBytes());

    [Fact]
    public void Refuses_an_entry_beyond_its_limit()
        => Assert.Throws<InvalidOperationException>(() => (_entry with { MediaType = new string('x', LogEntry.MaxSize) }).ToBytes());

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"v\":2}")]
    [InlineData("not json")]
    public void Refuses_what_is_not_an_entry(string json) => Assert.Throws<FormatException>(() => LogEntry.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Refuses_an_entry_with_a_member_it_does_not_know()
        => Assert.Throws<FormatException>(
            () => LogEntry.Parse(Encoding.UTF8.GetBytes(_entry.ToString().Replace("\"v\":1", "\"v\":1,\"z\":1", StringComparison.Ordinal))));
}
