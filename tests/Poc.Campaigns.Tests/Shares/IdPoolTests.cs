using System.Text;
using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Tests.Shares;

public sealed class IdPoolTests
{
    private readonly IdPool _pool = new();

    /// <summary>Ids in all forms that are packed differently: digits in any number and place, capitals, other scripts, and long ones.</summary>
    public static TheoryData<string> Forms =>
    [
        "", "a", "7", "ab", "abc", "0fb4232d1b7b37069c13ee17579bd10e", "0FB4232D1B7B37069C13EE17579BD10E", "1405272836387647493", "17_0fb4232d1b7b37069c13ee17579bd10e",
        "0fb4232d-1b7b-3706-9c13-ee17579bd10e", "deadbeefx", "xdeadbeef", "a,b\n\"c\"", "счёт-0123456789abcdef-😀", "\0", "@\u0080", new string('f', 1001), new string('x', 500) + new string('0', 127),
        new string('é', IdPool.LongestId / 2),
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_id_comes_out_as_it_went_in(string id)
    {
        Assert.Equal(0, Intern(id));
        Assert.Equal(1, Intern(id + "1"));
        Assert.Equal((0, 1), (Intern(id), Intern(id + "1")));
        Assert.Equal((id, id + "1"), (_pool.Text(0), _pool.Text(1)));
        Assert.Equal(Encoding.UTF8.GetByteCount(id), _pool.Length(0));
    }

    [Fact]
    public void Hundreds_of_thousands_of_ids_keep_their_numbers_across_blocks_and_growth()
    {
        const int Count = 200_000;
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(i, Intern(Id(i)));
        }

        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(i, Intern(Id(i)));
            Assert.Equal(Id(i), _pool.Text(i));
        }

        // From 6 bytes to some hundred, so that blocks end anywhere.
        static string Id(int i) => (i % 3) switch { 0 => $"{i:x16}", 1 => $"user {i}", _ => $"{i}/{new string((char)('a' + (i % 26)), i % 211)}" };
    }

    [Fact]
    public void The_order_is_that_of_the_bytes()
    {
        string[] ids = ["b", "a", "aaaaaaaaab", "aaaaaaaaaa", "aaaaaaaa", "B", "é", "z", "0123456789", "01234567", "😀", "ﬁ", ""];
        var numbers = ids.Select(Intern).ToArray();
        _pool.Sort(numbers);
        var order = ids.Select(id => Encoding.UTF8.GetBytes(id)).Order(Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other)));
        Assert.Equal(order.Select(Encoding.UTF8.GetString), numbers.Select(_pool.Text));
    }

    [Fact]
    public void Times_far_apart_are_kept_like_times_near_each_other()
    {
        long[] times = [5, -7, 5L + int.MaxValue, 5L + int.MaxValue + 1, -ShareTable.LatestTime, ShareTable.LatestTime, 0];
        var column = new TimeColumn();
        for (var row = 0; row < times.Length; row++)
        {
            column.Set(row, times[row]);
            Assert.Equal(times[..(row + 1)], Enumerable.Range(0, row + 1).Select(before => column[before]));
        }

        column.Reserve(5000, times.Length);
        Assert.Equal(times, Enumerable.Range(0, times.Length).Select(row => column[row]));
    }

    private int Intern(string id) => _pool.Intern(Encoding.UTF8.GetBytes(id));
}
