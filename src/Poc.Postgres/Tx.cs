using Npgsql;
using NpgsqlTypes;

namespace Poc.Postgres;

/// <summary>
/// One transaction's way to the database. Statements have positional parameters (<c>$1</c>…); their values are passed as they are, arrays, <see cref="Guid"/>
/// and bytes included, with three exceptions: null is NULL, an enum is the text of its name, and a <see cref="DateTimeOffset"/> is brought to UTC.
/// Not for use from several threads at once.
/// </summary>
public sealed class Tx(NpgsqlConnection connection, CancellationToken cancellation)
{
    /// <summary>Ends the work when the caller no longer waits for it.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>For what the methods here do not offer (COPY, batches). It is already in the transaction.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>A parameter value of type jsonb.</summary>
    public static NpgsqlParameter Json(string? json) => new() { Value = (object?)json ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    /// <summary>From here to its end, or to <see cref="WidenAsync"/>, the transaction sees what the scope lets it see.</summary>
    public Task NarrowAsync(RowScope scope) => ExecuteAsync("SELECT set_config($1, $2, true), set_config('role', $3, true)", scope.Setting, scope.Value, scope.Role);

    /// <summary>
    /// From here to its end the transaction sees all rows again. For what is counted of many callers' rows and says nothing of one of them; what belongs to a
    /// caller is read before.
    /// </summary>
    public Task WidenAsync() => ExecuteAsync("SET LOCAL ROLE NONE");

    /// <summary>Runs a statement; gives the number of rows it changed.</summary>
    public async Task<int> ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>All rows, each as <paramref name="map"/> reads it.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> map, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(map(reader));
        }

        // Without a transaction around it the statement is committed after its rows came: only the end of the answer says so.
        await reader.NextResultAsync(cancellation);
        return rows;
    }

    /// <summary>The only row, or the type's default when there is none.</summary>
    /// <exception cref="InvalidOperationException">There is more than one row.</exception>
    public async Task<T?> QuerySingleOrDefaultAsync<T>(string sql, Func<NpgsqlDataReader, T> map, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            return default;
        }

        var row = map(reader);
        return await reader.ReadAsync(cancellation) ? throw new InvalidOperationException("More than one row where at most one was expected: " + sql) : row;
    }

    /// <summary>The first column of the first row. NULL is null where <typeparamref name="T"/> allows it.</summary>
    /// <exception cref="InvalidOperationException">There is no row, or it holds NULL where <typeparamref name="T"/> is a value type.</exception>
    public async Task<T> ScalarAsync<T>(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            throw new InvalidOperationException("No row where one was expected: " + sql);
        }

        if (!await reader.IsDBNullAsync(0, cancellation))
        {
            return await reader.GetFieldValueAsync<T>(0, cancellation);
        }

        return default(T) is null ? default! : throw new InvalidOperationException("NULL where a value was expected: " + sql);
    }

    private NpgsqlCommand Command(string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(value switch
            {
                null => new NpgsqlParameter { Value = DBNull.Value },
                NpgsqlParameter parameter => parameter.Clone(), // one value may be used in several statements, a parameter may not
                Enum name => new NpgsqlParameter { Value = name.ToString() },
                DateTimeOffset time => new NpgsqlParameter { Value = time.ToUniversalTime() },
                _ => new NpgsqlParameter { Value = value },
            });
        }

        return command;
    }
}
