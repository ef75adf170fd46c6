namespace Poc.Kernel.Notes;

// Convert.FromBase64String skips white space; a signed line that can be written in two ways is not one line.
internal static class Base64
{
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == text ? bytes[..length] : null;
    }
}
