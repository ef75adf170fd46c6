using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Poc.Story.Stack;

/// <summary>
/// Request ids of the story: UUID version 5 (RFC 9562, section 5.5) of its namespace and the step's name. The same step has the same id on every run, so
/// that running the story again repeats nothing.
/// </summary>
internal static class StepId
{
    private static readonly Guid s_namespace = new("8f1c4a52-6c0d-4b7e-9a35-2f5f0c1d7e10");

    [SuppressMessage("Security", "CA5350", Justification = "UUID version 5 is defined over SHA-1; nothing is protected by it.")]
    public static string Of(string step)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData([.. s_namespace.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(step)], hash);
        hash[6] = (byte)(hash[6] & 0x0f | 0x50);
        hash[8] = (byte)(hash[8] & 0x3f | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString("D");
    }
}
