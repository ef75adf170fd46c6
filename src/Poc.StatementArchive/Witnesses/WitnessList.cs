using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;
using Poc.Kernel.Notes;

namespace Poc.StatementArchive.Witnesses;

/// <summary>A witness that the log's checkpoints are sent to.</summary>
/// <param name="Key">Verifies its cosignatures.</param>
/// <param name="AddCheckpoint">Where they are sent.</param>
public sealed record Witness(NoteKey Key, Uri AddCheckpoint);

/// <summary>The configured witnesses.</summary>
public sealed class WitnessList
{
    /// <summary>Reads <c>Log:Witnesses</c>.</summary>
    /// <exception cref="ValidationException">A key is not a witness's, stands there twice, or an address is not an HTTP one.</exception>
    public WitnessList(IOptions<ArchiveOptions> options)
    {
        All = [.. options.Value.Witnesses.Select(Read)];
        if (All.Select(witness => witness.Key.ToString()).Distinct(StringComparer.Ordinal).Count() != All.Count)
        {
            throw new ValidationException("Log:Witnesses names a verifier key twice.");
        }
    }

    /// <summary>All of them, in the order of the configuration.</summary>
    public IReadOnlyList<Witness> All { get; }

    /// <summary>Their verifier keys.</summary>
    public string[] Keys => [.. All.Select(witness => witness.Key.ToString())];

    private static Witness Read(WitnessOptions configured, int place)
    {
        var section = string.Create(CultureInfo.InvariantCulture, $"Log:Witnesses:{place}");
        NoteKey key;
        try
        {
            key = NoteKey.Parse(configured.VerifierKey);
        }
        catch (FormatException malformed)
        {
            throw new ValidationException($"{section}:VerifierKey: {malformed.Message}", malformed);
        }

        return !key.IsCosigner
            ? throw new ValidationException($"{section}:VerifierKey is the key of a log, not of a witness.")
            : Uri.TryCreate(configured.Url.TrimEnd('/') + "/add-checkpoint", UriKind.Absolute, out var address)
                && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp) && address.UserInfo.Length == 0
                ? new Witness(key, address)
                : throw new ValidationException($"{section}:Url must be an http or https address without user and password.");
    }
}
