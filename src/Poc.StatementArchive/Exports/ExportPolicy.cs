using System.Text;
using Poc.Kernel.Notes;

namespace Poc.StatementArchive.Exports;

/// <summary>The policy (C2SP tlog-policy) that goes out with an export: by which keys the archive says it can be checked.</summary>
internal static class ExportPolicy
{
    /// <summary>The file's bytes.</summary>
    public static byte[] Of(NoteKey log) => Encoding.UTF8.GetBytes(
        $"# What this archive says of itself. Check these keys against a source other than this file before you rely on them.\nlog {log}\nquorum none\n");
}
