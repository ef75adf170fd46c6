using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Requests;

/// <summary>
/// A condition on requests in a subset of AIP-160; pure. docs/filters.md has the grammar. What it gives as SQL consists of column names and operators of this class alone;
/// everything that a caller wrote is a parameter.
/// </summary>
internal sealed class RequestFilter
{
    public const int MaxLength = 1_000;
    public const int MaxDepth = 8;
    public const int MaxComparisons = 20;

    private static readonly FrozenDictionary<string, Field> _fields = new Dictionary<string, Field>(StringComparer.Ordinal)
    {
        ["state"] = new("state", false, static text => Known<Request.Types.State>(text)),
        ["kind"] = new("kind", false, static text => Known<RequestKind>(text)),
        ["subject"] = new("COALESCE(confirmed_subject, subject)", false, static text => text),
        ["language"] = new("language", false, static text => text),
        ["partner_reference"] = new("partner_reference", false, static text => text),
        ["received_at"] = new("received_at", true, static text =>
            DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                && (text[^1] == 'Z' || text[^6] is '+' or '-') ? time.ToUniversalTime() : null),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly string _text;
    private readonly List<object> _values = [];
    private readonly List<string> _sql = [];
    private int _at;
    private int _depth;

    private RequestFilter(string text) => _text = text;

    /// <summary>The values that the condition compares with, in the order of its parameters.</summary>
    public IReadOnlyList<object> Values => _values;

    /// <summary>Reads a filter; an empty one matches everything.</summary>
    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID) on <c>filter</c>, with the place where it stops being one.</exception>
    public static RequestFilter Parse(string text)
    {
        new Violations().Require(text.Length <= MaxLength, "filter", $"must have at most {MaxLength} characters").ThrowIfAny();
        var filter = new RequestFilter(text);
        filter.SkipSpaces();
        if (!filter.IsAtEnd)
        {
            filter.ReadExpression();
            filter.Require(filter.IsAtEnd, "AND, OR or the end");
        }

        return filter;
    }

    /// <summary>The condition as SQL.</summary>
    /// <param name="firstParameter">Number of the parameter that takes the first value.</param>
    public string ToSql(int firstParameter)
    {
        if (_sql.Count == 0)
        {
            return "TRUE";
        }

        var sql = new StringBuilder();
        foreach (var part in _sql)
        {
            // An empty part stands for the next value.
            sql.Append(part.Length > 0 ? part : string.Create(CultureInfo.InvariantCulture, $"${firstParameter++}"));
        }

        return sql.ToString();
    }

    private bool IsAtEnd => _at == _text.Length;

    // factor {"AND" factor}
    private void ReadExpression()
    {
        Require(++_depth <= MaxDepth, $"at most {MaxDepth} levels of parentheses");
        _sql.Add("(");
        ReadFactor();
        while (TakeWord("AND"))
        {
            _sql.Add(" AND ");
            ReadFactor();
        }

        _sql.Add(")");
        _depth--;
    }

    // term {"OR" term}: in AIP-160 OR binds tighter than AND.
    private void ReadFactor()
    {
        _sql.Add("(");
        ReadTerm();
        while (TakeWord("OR"))
        {
            _sql.Add(" OR ");
            ReadTerm();
        }

        _sql.Add(")");
    }

    // ["NOT"] ("(" expression ")" | comparison)
    private void ReadTerm()
    {
        if (TakeWord("NOT"))
        {
            _sql.Add("NOT ");
        }

        if (Take('('))
        {
            ReadExpression();
            Require(Take(')'), "a closing parenthesis");
            return;
        }

        ReadComparison();
    }

    private void ReadComparison()
    {
        Require(_values.Count < MaxComparisons, $"at most {MaxComparisons} comparisons");
        var start = _at;
        var name = ReadWord();
        if (!_fields.TryGetValue(name, out var field))
        {
            _at = start;
            throw Wrong($"one of the fields {string.Join(", ", _fields.Keys.Order(StringComparer.Ordinal))}");
        }

        var sqlOperator = ReadOperator(field);
        start = _at;
        var value = field.Read(_at < _text.Length && _text[_at] == '"' ? ReadQuoted() : ReadWord());
        if (value is null)
        {
            _at = start;
            throw Wrong(field.IsTime ? "a time such as \"2021-01-19T00:00:00Z\"" : $"a value of {name}");
        }

        // IS DISTINCT FROM: a request without a subject has another subject than any.
        _sql.Add($"{field.Column} {sqlOperator} ");
        _sql.Add("");
        _values.Add(value);
    }

    private string ReadOperator(Field field)
    {
        foreach (var (text, sql) in (ReadOnlySpan<(string, string)>)[("<=", "<="), (">=", ">="), ("!=", "IS DISTINCT FROM"), ("=", "="), ("<", "<"), (">", ">")])
        {
            if (string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0)
            {
                Require(field.IsTime || text is "=" or "!=", "= or !=");
                _at += text.Length;
                SkipSpaces();
                return sql;
            }
        }

        throw Wrong(field.IsTime ? "=, !=, <, <=, > or >=" : "= or !=");
    }

    private string ReadQuoted()
    {
        var value = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            switch (_text[_at])
            {
                case '"':
                    _at++;
                    SkipSpaces();
                    Require(RequestRules.IsStorable(value.ToString()), "no character U+0000 and no half of a surrogate pair");
                    return value.ToString();
                case '\\' when _at + 1 < _text.Length && _text[_at + 1] is '"' or '\\':
                    value.Append(_text[++_at]);
                    break;
                default:
                    value.Append(_text[_at]);
                    break;
            }
        }

        throw Wrong("a closing quotation mark");
    }

    private string ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && IsOfWord(_text[_at]))
        {
            _at++;
        }

        Require(_at > start, "a word or a quoted value");
        var word = _text[start.._at];
        SkipSpaces();
        return word;
    }

    private bool TakeWord(string word)
    {
        if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0 || (_at + word.Length < _text.Length && IsOfWord(_text[_at + word.Length])))
        {
            return false;
        }

        _at += word.Length;
        SkipSpaces();
        return true;
    }

    private bool Take(char c)
    {
        if (IsAtEnd || _text[_at] != c)
        {
            return false;
        }

        _at++;
        SkipSpaces();
        return true;
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }
    }

    private void Require(bool ok, string expected)
    {
        if (!ok)
        {
            throw Wrong(expected);
        }
    }

    private RpcError Wrong(string expected) =>
        CommonErrors.FieldInvalid("filter", string.Create(CultureInfo.InvariantCulture, $"must have {expected} at character {_at + 1}"));

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' or '.' or ':' or '+' or '~';

    // The enumeration's names without their prefix, as everywhere in the API's texts.
    private static string? Known<TEnum>(string text) where TEnum : struct, Enum =>
        Enum.GetValues<TEnum>().Skip(1).Any(value => EnumText<TEnum>.Of(value) == text) ? text : null;

    private sealed record Field(string Column, bool IsTime, Func<string, object?> Read);
}
