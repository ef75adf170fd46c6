using System.Globalization;
using System.Text;

namespace Poc.Kernel.Notes;

/// <summary>How many of the authorities that a policy lists must have stamped.</summary>
public enum StampRule
{
    /// <summary>None: stamps that are there are verified, and none need be there.</summary>
    None,

    /// <summary>One of them.</summary>
    Any,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>A time-stamp authority that a policy trusts.</summary>
/// <param name="Name">As stamps are filed.</param>
/// <param name="Certificate">DER of the certificate that its signer's chain must lead to.</param>
public sealed record StampAuthority(string Name, byte[] Certificate);

/// <summary>
/// Whom to believe (C2SP tlog-policy): which logs, which witnesses, and how many of these must have cosigned. Beyond that format it knows the lines
/// <c>authority NAME BASE64</c>, a time-stamp authority by its certificate in DER, and <c>timestamp none|any|all</c>.
/// </summary>
public sealed class TrustPolicy
{
    private const string NoQuorum = "none";
    private readonly List<NoteKey> _logs = [];
    private readonly Dictionary<string, Func<IReadOnlyCollection<NoteKey>, bool>> _rules = new(StringComparer.Ordinal);
    private readonly List<NoteKey> _witnesses = [];
    private readonly List<StampAuthority> _authorities = [];
    private readonly HashSet<string> _members = new(StringComparer.Ordinal);
    private string? _quorum;
    private StampRule? _stamps;

    private TrustPolicy()
    {
    }

    /// <summary>Keys of logs; any of them may have signed.</summary>
    public IReadOnlyList<NoteKey> Logs => _logs;

    /// <summary>Keys of witnesses.</summary>
    public IReadOnlyList<NoteKey> Witnesses => _witnesses;

    /// <summary>Time-stamp authorities.</summary>
    public IReadOnlyList<StampAuthority> Authorities => _authorities;

    /// <summary>Which of them must have stamped.</summary>
    public StampRule Stamps => _stamps ?? StampRule.None;

    /// <summary>Whether no cosignature is asked for.</summary>
    public bool NeedsNoWitness => _quorum == NoQuorum;

    /// <summary>Whether those who cosigned are enough.</summary>
    public bool IsQuorum(IReadOnlyCollection<NoteKey> cosigners) => NeedsNoWitness || _rules[_quorum!](cosigners);

    /// <summary>Reads a policy.</summary>
    /// <exception cref="FormatException">A line is none of the format's, or names what is not defined before it; the message says which.</exception>
    public static TrustPolicy Parse(ReadOnlySpan<byte> bytes)
    {
        // Names are octets, whatever they mean to somebody: Latin-1 keeps each as one character.
        var lines = Encoding.Latin1.GetString(bytes).Split('\n');
        if (lines[^1].Length > 0)
        {
            throw new FormatException("Each line of a policy ends with a newline.");
        }

        var policy = new TrustPolicy();
        for (var i = 0; i < lines.Length - 1; i++)
        {
            if (lines[i].Any(c => c is (< ' ' and not '\t') or '\x7F'))
            {
                throw Wrong(i, "has a control character");
            }

            var items = lines[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (items.Length > 0 && items[0][0] != '#')
            {
                policy.Read(items, i);
            }
        }

        return policy._quorum is null ? throw new FormatException("A policy has a quorum line.") : policy;
    }

    private void Read(string[] items, int line)
    {
        switch (items)
        {
            case ["log", var log, ..] when items.Length <= 3:
                AddKey(_logs, log, isWitness: false, line);
                break;
            case ["witness", var name, var key, ..] when items.Length <= 4:
                var witness = AddKey(_witnesses, key, isWitness: true, line);
                Define(name, cosigners => cosigners.Contains(witness), line);
                break;
            case ["group", var name, var threshold, .. { Length: > 0 } members]:
                Group(name, threshold, members, line);
                break;
            case ["quorum", var name] when _quorum is null && (name == NoQuorum || _rules.ContainsKey(name)):
                _quorum = name;
                break;
            case ["authority", var name, var certificate] when Base64.Decode(certificate) is { Length: > 0 } der && !_authorities.Exists(authority => authority.Name == name):
                _authorities.Add(new StampAuthority(name, der));
                break;
            case ["timestamp", var rule] when _stamps is null && rule is "none" or "any" or "all":
                _stamps = Enum.Parse<StampRule>(rule, ignoreCase: true);
                break;
            default:
                throw Wrong(line, $"is no line of a policy, or not at its place: {items[0]}");
        }
    }

    private void Group(string name, string threshold, string[] members, int line)
    {
        var needed = threshold switch
        {
            "any" => 1,
            "all" => members.Length,
            _ when int.TryParse(threshold, NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k >= 1 && k <= members.Length => k,
            _ => throw Wrong(line, $"has a threshold that is not from 1 to {members.Length}"),
        };
        foreach (var member in members)
        {
            // Once in all groups together, so that nobody counts twice.
            if (!_rules.ContainsKey(member) || !_members.Add(member))
            {
                throw Wrong(line, $"names {member}, which is not defined before it or is a member already");
            }
        }

        var rules = Array.ConvertAll(members, member => _rules[member]);
        Define(name, cosigners => rules.Count(rule => rule(cosigners)) >= needed, line);
    }

    private void Define(string name, Func<IReadOnlyCollection<NoteKey>, bool> rule, int line)
    {
        if (name == NoQuorum || !_rules.TryAdd(name, rule))
        {
            throw Wrong(line, $"defines {name} again");
        }
    }

    private static NoteKey AddKey(List<NoteKey> keys, string text, bool isWitness, int line)
    {
        NoteKey key;
        try
        {
            key = NoteKey.Parse(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text)));
        }
        catch (FormatException problem)
        {
            throw Wrong(line, $"has no verifier key: {problem.Message}");
        }

        if (key.IsCosigner != isWitness || keys.Exists(known => known.HasKeyOf(key)))
        {
            throw Wrong(line, "has a key of the wrong type, or one that is listed already");
        }

        keys.Add(key);
        return key;
    }

    private static FormatException Wrong(int line, string problem) => new(string.Create(CultureInfo.InvariantCulture, $"Line {line + 1} of the policy {problem}."));
}
