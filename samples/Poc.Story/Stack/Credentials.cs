using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Poc.Grpc;
using Poc.Story.Script;

namespace Poc.Story.Stack;

/// <summary>
/// What the people of the story show when they call: staff a development token, sections an API key. Both come from this checkout's development key, the
/// keys of sections by HMAC, so that every run has the same ones without storing them.
/// </summary>
internal sealed class Credentials
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(2);
    private readonly StoryScript _script;
    private readonly TimeProvider _clock;
    private readonly string _staffKey;
    private readonly ConcurrentDictionary<string, Metadata> _staff = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Metadata> _sections = new(StringComparer.Ordinal);

    /// <param name="script">Names the staff and their roles.</param>
    /// <param name="staffKey">P-256 private key, PKCS#8, base64.</param>
    /// <param name="clock">Gives now.</param>
    public Credentials(StoryScript script, string staffKey, TimeProvider clock)
    {
        _script = script;
        _staffKey = staffKey;
        _clock = clock;
    }

    /// <summary>Nobody in particular: what is public.</summary>
    public Metadata Anyone { get; } = [];

    public Metadata Staff(string id) => _staff.GetOrAdd(id, _ =>
        new Metadata { { "authorization", $"Bearer {DevelopmentTokens.Mint(_staffKey, id, _script.People.Staff.Single(staff => staff.Id == id).Roles, s_lifetime, _clock)}" } });

    public Metadata Section(string id) => _sections.GetOrAdd(id, _ => new Metadata { { "x-api-key", $"poc_{ApiKeyId(id)}_{Base64Url.EncodeToString(Secret(id))}" } });

    /// <summary>The id under which the section's key is registered. It changes with the development key, as the secret does.</summary>
    public string ApiKeyId(string section) => $"story{Convert.ToHexStringLower(SecretSha256(section))[..12]}";

    public byte[] SecretSha256(string section) => SHA256.HashData(Secret(section));

    private byte[] Secret(string section) => HMACSHA256.HashData(Convert.FromBase64String(_staffKey), Encoding.UTF8.GetBytes($"poc-story/{section}/api-key"));
}
