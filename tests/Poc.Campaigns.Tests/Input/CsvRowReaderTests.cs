using System.Text;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Tests.Input;

public sealed class CsvRowReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-csv-");

    public static TheoryData<string> SameRows =>
    [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2\r\n3,4\r\n",
        "\uFEFFa,b\n1,2\n3,4",
        "b,a\n2,1\n4,3\n",
        "x,a,y,b\n0,1,0,2\n0,3,0,4\n",
        "\"a\",\"b\"\n\"1\",2\n3,\"4\"\r\n",
        "a,b\n\n1,2\n\r\n3,4\n\n",
    ];

    [Theory]
    [MemberData(nameof(SameRows))]
    public void Reads_the_same_rows_however_they_are_written(string text) =>
        Assert.Equal(["1|2", "3|4"], Rows(text, out var issues).Concat(issues));

    [Fact]
    public void Reads_commas_quotes_and_line_ends_inside_quotes()
    {
        Assert.Equal(["x,y|say \"no\"", "two\r\nlines|", "\"|\"\""], Rows("a,b\n\"x,y\",\"say \"\"no\"\"\"\n\"two\r\nlines\",\n\"\"\"\",\"\"\"\"\"\"\n", out var issues));
        Assert.Empty(issues);
    }

    [Theory]
    [InlineData("1,2,3", "line 2, row: 3 fields where the header has 2")]
    [InlineData("1", "line 2, row: 1 fields where the header has 2")]
    [InlineData("1,2\"", "line 2, row: a quote inside a field that does not begin with one")]
    [InlineData("\"1\"x,2", "line 2, row: text behind the closing quote of a field")]
    [InlineData("1,\"2", "line 2, row: a quoted field is never closed")]
    public void A_malformed_row_is_named_and_costs_no_other_row(string row, string issue)
    {
        Assert.Equal(["3|4"], Rows($"a,b\n{row}\n3,4\n", out var issues));
        Assert.Equal([issue], issues);
    }

    [Fact]
    public void Lines_are_counted_through_quoted_line_ends()
    {
        Rows("a,b\n\"1\n\n\",2\n\n3\n", out var issues);
        Assert.Equal(["line 6, row: 1 fields where the header has 2"], issues);
    }

    [Fact]
    public void Names_the_column_that_is_not_UTF_8()
    {
        var path = Path.Combine(_folder.FullName, "latin1.csv");
        File.WriteAllBytes(path, [.. "a,b\n1,caf"u8, 0xE9, .. "\n3,4\n"u8]);
        using var reader = RowReader.Open(path, ["a", "b"]);
        Assert.True(reader.Read());
        Assert.Equal("3", Encoding.UTF8.GetString(reader.Field(0)));
        Assert.Equal(new RowIssue(2, "b", "not valid UTF-8"), Assert.Single(reader.Issues.First));
    }

    [Fact]
    public void Tells_a_missing_value_from_an_empty_one()
    {
        using var reader = RowReader.Open(Write("a,b\n,\"\"\n"), ["a", "b"]);
        Assert.True(reader.Read());
        Assert.Equal((true, false), (reader.IsMissing(0), reader.IsMissing(1)));
    }

    [Fact]
    public void Rows_longer_than_the_buffer_are_read_whole()
    {
        var longer = new string('x', 700_000);
        Assert.Equal([$"{longer}|{longer}", "3|4"], Rows($"a,b\n\"{longer}\",{longer}\n3,4\n", out var issues));
        Assert.Empty(issues);
    }

    [Fact]
    public void A_row_without_end_costs_bounded_memory_and_not_the_rows_behind_it()
    {
        var endless = new string('x', CsvRowReader.MaxRowBytes + 1000);
        Assert.Equal(["3|4"], Rows($"a,b\n1,{endless}\n3,4\n", out var issues));
        Assert.Equal([$"line 2, row: longer than {CsvRowReader.MaxRowBytes} bytes"], issues);
    }

    [Fact]
    public void Strict_stops_at_the_first_bad_row()
    {
        using var reader = RowReader.Open(Write("a,b\n1,2\n3\n5,6\n"), ["a", "b"], strict: true);
        Assert.True(reader.Read());
        Assert.StartsWith("line 3, row: 1 fields", Assert.Throws<InputException>(() => reader.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_are_all_counted_and_the_first_of_them_listed()
    {
        using var reader = RowReader.Open(Write($"a,b\n{string.Concat(Enumerable.Repeat("1\n", 5000))}"), ["a", "b"]);
        Assert.False(reader.Read());
        Assert.Equal((5000, RowIssues.Listed), (reader.Issues.Rejected, reader.Issues.First.Count));
    }

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("a;b\n1;2\n", "No column a, b: the header has a;b. Fields are separated by commas.")]
    [InlineData("a,c\n1,2\n", "No column b: the header has a, c.")]
    [InlineData("a,b,a\n1,2,3\n", "The header has the column a more than once.")]
    [InlineData("\"a,b\n1,2\n", "The header cannot be read: line 1, row: a quoted field is never closed")]
    public void A_file_that_is_not_the_table_is_refused_with_the_reason(string text, string reason) =>
        Assert.StartsWith(reason, Assert.Throws<InputException>(() => RowReader.Open(Write(text), ["a", "b"])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_in_UTF_16_is_refused_with_the_reason()
    {
        var path = Path.Combine(_folder.FullName, "utf16.csv");
        File.WriteAllText(path, "a,b\n1,2\n", Encoding.Unicode);
        Assert.Equal("The file is UTF-16: save it as UTF-8.", Assert.Throws<InputException>(() => RowReader.Open(path, ["a", "b"])).Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_folder.FullName, "file.csv");
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private List<string> Rows(string text, out IEnumerable<string> issues)
    {
        using var reader = RowReader.Open(Write(text), ["a", "b"]);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add($"{Encoding.UTF8.GetString(reader.Field(0))}|{Encoding.UTF8.GetString(reader.Field(1))}");
        }

        issues = reader.Issues.First.Select(issue => issue.ToString());
        return rows;
    }
}
