using System.Text;

namespace Poc.Grpc;

/// <summary>
/// Collects everything that is wrong with a request, so that its sender learns it at once. Fields are named as in the proto (<c>request.text</c>).
/// Descriptions never repeat the value, which may be personal.
/// </summary>
public sealed class Violations
{
    // The trailers of one answer must stay under 8 KiB, the limit of several gRPC clients; descriptions are short by construction.
    private const int MostReported = 32;

    private readonly List<FieldViolation> _found = [];
    private int _unreported;

    /// <summary>Notes <paramref name="description"/> for <paramref name="field"/> unless <paramref name="ok"/>.</summary>
    public Violations Require(bool ok, string field, string description)
    {
        if (ok)
        {
            return this;
        }

        if (_found.Count < MostReported)
        {
            _found.Add(new FieldViolation(field, description));
        }
        else
        {
            _unreported++;
        }

        return this;
    }

    /// <summary>The text is there and is not only white space.</summary>
    public Violations NotBlank(string field, string? value) => Require(!string.IsNullOrWhiteSpace(value), field, "must not be blank");

    /// <summary>
    /// The text has at most <paramref name="maximum"/> Unicode code points (not UTF-16 units: a limit must mean the same in every client language).
    /// </summary>
    public Violations MaxLength(string field, string? value, int maximum) =>
        Require(value is null || value.Length <= maximum || value.EnumerateRunes().Count() <= maximum, field, $"must have at most {maximum} characters");

    /// <summary>The list has at most <paramref name="maximum"/> elements.</summary>
    public Violations MaxCount(string field, int count, int maximum) => Require(count <= maximum, field, $"must have at most {maximum} elements");

    /// <summary>The text is a UUID in its usual form, 8-4-4-4-12 hexadecimal digits (RFC 9562), and not the nil UUID.</summary>
    public Violations Uuid(string field, string? value) =>
        Require(Guid.TryParseExact(value, "D", out var id) && id != Guid.Empty, field, "must be a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057");

    /// <summary>The enum value is one of the proto's and not <c>…_UNSPECIFIED</c> (0).</summary>
    public Violations Specified<TEnum>(string field, TEnum value) where TEnum : struct, Enum =>
        Require(Enum.IsDefined(value) && !EqualityComparer<TEnum>.Default.Equals(value, default), field, "must be a value of the enumeration, and not UNSPECIFIED");

    /// <summary>
    /// The text is a resource name of the pattern (AIP-122), e.g. <c>partners/{partner}/requests/{request}</c>: the literal segments as they are, and in the
    /// place of each <c>{…}</c> 1 to 128 ASCII letters, digits, <c>-</c>, <c>_</c>, <c>.</c> or <c>~</c>.
    /// </summary>
    public Violations Name(string field, string? value, string pattern) =>
        Require(value is not null && Matches(value, pattern), field, $"must be a name like {pattern}");

    /// <summary>Everything that was found so far.</summary>
    public IReadOnlyList<FieldViolation> Found => _found;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID with all that was found (the first 32, and how many more); nothing happens when all is
    /// well.</exception>
    public void ThrowIfAny()
    {
        if (_found.Count == 0)
        {
            return;
        }

        throw CommonErrors.FieldInvalid(_unreported == 0 ? _found : [.. _found, new FieldViolation("", $"{_unreported} more fields are invalid")]);
    }

    private static bool Matches(string value, string pattern)
    {
        var parts = value.Split('/');
        var expected = pattern.Split('/');
        if (parts.Length != expected.Length)
        {
            return false;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            var matches = expected[i] is ['{', .., '}'] ? IsId(parts[i]) : parts[i] == expected[i];
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    // What a path would take for a step ("..") is no id.
    private static bool IsId(string segment) =>
        segment.Length is >= 1 and <= 128 && segment is not ("." or "..") && segment.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~');
}
