using System.Text;
using Parquet;
using Parquet.Schema;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Tests.Input;

public sealed class ParquetRowReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-parquet-");

    [Fact]
    public async Task Reads_text_numbers_times_and_nulls_by_name_over_several_row_groups()
    {
        var (name, seconds, when, part) = (new DataField<string>("name"), new DataField<long?>("seconds"), new DataField<DateTime>("when"), new DataField<double>("part"));
        var path = Path.Combine(_folder.FullName, "file.parquet");
        await using (var file = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(name, seconds, when, part), file, cancellationToken: TestContext.Current.CancellationToken);
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.CreateRowGroup();
                await rows.WriteAsync(name, (string[])[$"ä{group}", null!]);
                await rows.WriteAsync<long>(seconds, new long?[] { 5 + group, null }, cancellationToken: TestContext.Current.CancellationToken);
                await rows.WriteAsync<DateTime>(when, new[] { DateTime.UnixEpoch.AddSeconds(7), DateTime.UnixEpoch.AddSeconds(-8) }, cancellationToken: TestContext.Current.CancellationToken);
                await rows.WriteAsync<double>(part, new[] { 1.0, 1.5 }, cancellationToken: TestContext.Current.CancellationToken);
            }
        }

        using var reader = RowReader.Open(path, ["part", "when", "name", "seconds"]);
        var read = new List<string>();
        while (reader.Read())
        {
            read.Add(string.Join("|", Enumerable.Range(0, 4).Select(column => reader.IsMissing(column) ? "-" : Encoding.UTF8.GetString(reader.Field(column)))));
        }

        Assert.Equal(["1|7|ä0|5", "1.5|-8|-|-", "1|7|ä1|6", "1.5|-8|-|-"], read);
        Assert.Equal(4, reader.Line);
    }

    [Fact]
    public async Task A_missing_column_and_a_broken_file_are_refused_with_the_reason()
    {
        var path = Path.Combine(_folder.FullName, "broken.parquet");
        await File.WriteAllBytesAsync(path, [.. "PAR1"u8, .. new byte[100]], TestContext.Current.CancellationToken);
        Assert.StartsWith("The file begins like Parquet but cannot be read as such", Assert.Throws<InputException>(() => RowReader.Open(path, ["a"])).Message, StringComparison.Ordinal);

        await using (var file = File.Create(path))
        {
            var field = new DataField<string>("b");
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), file, cancellationToken: TestContext.Current.CancellationToken);
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(field, (string[])["x"]);
        }

        Assert.Equal("No column a: the file has b.", Assert.Throws<InputException>(() => RowReader.Open(path, ["a"])).Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
