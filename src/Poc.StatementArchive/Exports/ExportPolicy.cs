using System.Globalization;
using System.Text;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.TimeStamps;
using Poc.StatementArchive.Witnesses;

namespace Poc.StatementArchive.Exports;

/// <summary>The policy that goes out with an export: by which keys and certificates the archive says it can be checked.</summary>
public sealed class ExportPolicy(LogKey key, WitnessList witnesses, AuthorityList authorities)
{
    /// <summary>The file's bytes (C2SP tlog-policy, and lines for authorities).</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder("# What this archive says of itself. Check keys and certificates against a source other than this file before you rely on them.\n");
        foreach (var log in key.NextVerifier is { } next ? new[] { key.Verifier, next } : [key.Verifier])
        {
            text.Append(CultureInfo.InvariantCulture, $"log {log}\n");
        }

        for (var i = 0; i < witnesses.All.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"witness w{i + 1} {witnesses.All[i].Key}\n");
        }

        text.Append(witnesses.All.Count == 0
            ? "quorum none\n"
            : $"group witnesses any {string.Join(' ', Enumerable.Range(1, witnesses.All.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"w{i}")))}\nquorum witnesses\n");
        foreach (var authority in authorities.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"authority {authority.Name} {Convert.ToBase64String(authority.Certificate.RawData)}\n");
        }

        return Encoding.UTF8.GetBytes(text.Append(authorities.All.Count == 0 ? "" : "timestamp any\n").ToString());
    }
}
