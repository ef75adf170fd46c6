using System.Globalization;
using System.Text;
using Parquet;
using Parquet.Schema;

namespace Poc.Campaigns.Input;

/// <summary>
/// Parquet, one row group at a time: memory is that of the wanted columns of the largest row group. Columns may hold text, whole numbers, floating point numbers (a whole one
/// reads as "12") or times (read as Unix seconds).
/// </summary>
internal sealed class ParquetRowReader : RowReader
{
    private readonly ParquetReader _file;
    private readonly DataField[] _fields;
    private readonly string?[][] _group;
    private readonly long _total;
    private readonly byte[][] _text;
    private readonly int[] _lengths;
    private int _nextGroup;
    private int _inGroup;
    private int _row;

    private ParquetRowReader(ParquetReader file, IReadOnlyList<string> columns, bool strict)
        : base(columns, strict)
    {
        _file = file;
        var missing = columns.Where(column => !file.Schema.DataFields.Any(field => field.Name == column)).ToArray();
        if (missing.Length > 0)
        {
            throw new InputException($"No column {string.Join(", ", missing)}: the file has {string.Join(", ", file.Schema.DataFields.Select(field => field.Name))}.");
        }

        _fields = [.. columns.Select(column => file.Schema.DataFields.First(field => field.Name == column))];
        _group = new string?[columns.Count][];
        _text = [.. columns.Select(_ => new byte[64])];
        _lengths = new int[columns.Count];
        _total = Math.Max(1, file.RowGroups.Sum(group => group.RowCount));
    }

    public override double Progress => Math.Min(1, (double)Line / _total);

    /// <summary>Whether the file begins as Parquet files do.</summary>
    internal static bool Recognises(string path)
    {
        using var file = File.OpenHandle(path);
        Span<byte> magic = stackalloc byte[4];
        return RandomAccess.Read(file, magic, 0) == 4 && magic.SequenceEqual("PAR1"u8);
    }

    internal static new ParquetRowReader Open(string path, IReadOnlyList<string> columns, bool strict)
    {
        ParquetReader? file = null;
        // Opened here, because the library leaves a file open that it refuses.
        var stream = File.OpenRead(path);
        try
        {
            file = Wait(ParquetReader.CreateAsync(stream, leaveStreamOpen: false));
            return new(file, columns, strict);
        }
        catch (Exception broken) when (broken is not (InputException or UnauthorizedAccessException or OutOfMemoryException))
        {
            Close(file);
            stream.Dispose();
            throw new InputException($"The file begins like Parquet but cannot be read as such: {broken.Message}");
        }
        catch
        {
            Close(file);
            stream.Dispose();
            throw;
        }
    }

    public override bool Read()
    {
        while (++_row >= _inGroup)
        {
            if (_nextGroup == _file.RowGroupCount)
            {
                return false;
            }

            Load(_nextGroup++);
            _row = -1;
        }

        Line++;
        Rows++;
        for (var column = 0; column < _fields.Length; column++)
        {
            var value = _group[column][_row] ?? "";
            if (_text[column].Length < value.Length * 3)
            {
                _text[column] = new byte[value.Length * 3];
            }

            _lengths[column] = Encoding.UTF8.GetBytes(value, _text[column]);
        }

        return true;
    }

    public override ReadOnlySpan<byte> Field(int column) => _text[column].AsSpan(0, _lengths[column]);

    public override bool IsMissing(int column) => _group[column][_row] is null;

    public override bool IsQuoted(int column) => !IsMissing(column);

    protected override void Dispose(bool disposing) => Close(_file);

    private void Load(int group)
    {
        try
        {
            using var reader = _file.OpenRowGroupReader(group);
            _inGroup = checked((int)reader.RowCount);
            for (var column = 0; column < _fields.Length; column++)
            {
                _group[column] = Load(reader, _fields[column], _inGroup);
            }
        }
        catch (Exception broken) when (broken is not (InputException or OutOfMemoryException))
        {
            throw new InputException($"Row group {group + 1} cannot be read: {broken.Message}");
        }
    }

    private static string?[] Load(ParquetRowGroupReader reader, DataField field, int rows)
    {
        if (field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>))
        {
            var values = new string?[rows];
            Wait(reader.ReadAsync(field, values!));
            return values;
        }

        return field.ClrType switch
        {
            var type when type == typeof(long) => Numbers<long>(value => value.ToString(CultureInfo.InvariantCulture)),
            var type when type == typeof(int) => Numbers<int>(value => value.ToString(CultureInfo.InvariantCulture)),
            var type when type == typeof(short) => Numbers<short>(value => value.ToString(CultureInfo.InvariantCulture)),
            var type when type == typeof(uint) => Numbers<uint>(value => value.ToString(CultureInfo.InvariantCulture)),
            var type when type == typeof(ulong) => Numbers<ulong>(value => value.ToString(CultureInfo.InvariantCulture)),
            var type when type == typeof(double) => Numbers<double>(value => value.ToString("R", CultureInfo.InvariantCulture)),
            var type when type == typeof(float) => Numbers<float>(value => value.ToString("R", CultureInfo.InvariantCulture)),
            var type when type == typeof(DateTime) => Numbers<DateTime>(value =>
                ((value.Ticks - DateTime.UnixEpoch.Ticks) / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture)),
            _ => throw new InputException($"Column {field.Name} is of type {field.ClrType.Name}: text or numbers are needed."),
        };

        string?[] Numbers<T>(Func<T, string> text)
            where T : struct
        {
            if (field.IsNullable)
            {
                var nullable = new T?[rows];
                Wait(reader.ReadAsync<T>(field, nullable));
                return Array.ConvertAll(nullable, value => value is { } present ? text(present) : null);
            }

            var values = new T[rows];
            Wait(reader.ReadAsync<T>(field, values));
            return Array.ConvertAll(values, value => text(value));
        }
    }

    private static void Close(ParquetReader? file)
    {
        if (file is not null)
        {
            Wait(file.DisposeAsync().AsTask());
        }
    }

    // The library reads asynchronously only; a reader of rows is a loop of a command that has nothing else to do, and there is no context to deadlock on.
    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
