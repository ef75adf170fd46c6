using System.Globalization;
using System.Text.Json;
using Poc.Kernel.Merkle;

namespace Poc.Verify.Proofs;

/// <summary>
/// A proof as JSON. Members go by the names that are in use: those of docs/verify.md, of Poc's API and of the public test vectors. A member that is not
/// known is refused, for it might say what changes the meaning.
/// </summary>
internal sealed class ProofFile
{
    /// <summary>Largest file, in bytes: no proof has more than 126 hashes.</summary>
    private const int MaxSize = 65_536;
    private const int HexLength = 2 * MerkleTree.HashSize;
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    // Comments to people; they claim nothing.
    private static readonly string[] _remarks = ["desc", "description", "comment", "wantErr"];

    private readonly string _file;
    private readonly Dictionary<string, JsonElement> _members;

    private ProofFile(string file, Dictionary<string, JsonElement> members)
    {
        _file = file;
        _members = members;
    }

    /// <summary>Reads a file whose members are all among <paramref name="known"/>, each under one of its names.</summary>
    public static async Task<ProofFile> ReadAsync(string file, string[][] known, CancellationToken cancellation)
    {
        var bytes = await Input.ReadAsync(file, MaxSize, cancellation);
        try
        {
            var root = JsonDocument.Parse(bytes, _strict).RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new RefusedException(Reason.Malformed, file, "a proof is a JSON object");
            }

            var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var member in root.EnumerateObject().Where(member => !_remarks.Contains(member.Name)))
            {
                var names = known.FirstOrDefault(names => names.Contains(member.Name))
                    ?? throw new RefusedException(Reason.Unknown, file, $"nothing is known of the member {member.Name}");
                if (!members.TryAdd(names[0], member.Value))
                {
                    throw new RefusedException(Reason.Malformed, file, $"{names[0]} is given twice, under two names");
                }
            }

            return new ProofFile(file, members);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RefusedException(Reason.Malformed, file, $"not JSON: {e.Message}");
        }
    }

    /// <summary>A number, or a string of digits as JSON writes 64-bit integers of protobuf. What no tree can have is out of range.</summary>
    public long Number(string name, Reason outOfRange)
    {
        var value = Required(name);
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => Text(name, value),
            _ => "",
        };
        var digits = text.StartsWith('-') ? text[1..] : text;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
        {
            throw new RefusedException(Reason.Malformed, _file, $"{name} is a whole number");
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RefusedException(outOfRange, _file, $"{name} is {text}");
    }

    /// <summary>A hash in hexadecimal or base64.</summary>
    public byte[] Hash(string name) => Hash(name, Required(name));

    /// <summary>Hashes in hexadecimal or base64; null is none.</summary>
    public IReadOnlyList<byte[]> Hashes(string name) => Required(name) switch
    {
        { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select((hash, i) => Hash($"{name}[{i}]", hash))],
        _ => throw new RefusedException(Reason.Malformed, _file, $"{name} is a list of hashes"),
    };

    private JsonElement Required(string name)
        => _members.TryGetValue(name, out var value) ? value : throw new RefusedException(Reason.Malformed, _file, $"{name} is missing");

    // What is no text, bytes that are not UTF-8 or half a surrogate pair, is found only when the string is asked for.
    private string Text(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException problem)
        {
            throw new RefusedException(Reason.Malformed, _file, $"{name} is not text: {problem.Message}");
        }
    }

    private byte[] Hash(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw new RefusedException(Reason.Malformed, _file, $"{name} is a hash in hexadecimal or base64");
        }

        // 64 characters are hexadecimal or, as base64, far more than a hash: the two cannot be taken for each other.
        var text = Text(name, value);
        byte[] hash;
        try
        {
            hash = text.Length == HexLength ? Convert.FromHexString(text) : Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new RefusedException(Reason.Malformed, _file, $"{name} is neither 64 hexadecimal digits nor base64");
        }

        return hash.Length == MerkleTree.HashSize ? hash : throw new RefusedException(Reason.HashLength, _file, $"{name} has {hash.Length} bytes");
    }
}
