using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Poc.AppHost;

/// <summary>
/// The keys of this checkout's development stack: made once, kept in files that only their owner can read, and never accepted outside the
/// Development environment. A parameter that is configured already, as a real key would be, is left alone.
/// </summary>
internal static class DevelopmentKeys
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts the keys into the configuration as the parameters that <c>AppHost.cs</c> declares.</summary>
    /// <param name="configuration">Gets the values that it does not have.</param>
    /// <param name="folder">
    /// Where the keys are kept: <c>staff</c>, <c>intake</c> and <c>review</c> as P-256 pairs (<c>.key</c> PKCS#8 and <c>.pub</c> SubjectPublicKeyInfo),
    /// <c>requester.key</c>, <c>archive.key</c> and <c>seal.key</c> as 32 random bytes, <c>log.key</c> as the 32-byte seed of an Ed25519 key (RFC 8032, 5.1.5), each in base64 on one line.
    /// </param>
    public static void Provide(IConfigurationManager configuration, string folder)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, OwnerOnly | UnixFileMode.UserExecute);
        }

        var (_, staffPublic) = Pair(folder, "staff");
        var (intakePrivate, intakePublic) = Pair(folder, "intake");
        var (reviewPrivate, reviewPublic) = Pair(folder, "review");
        var requester = Kept(folder, "requester.key", () => RandomNumberGenerator.GetBytes(32));
        var archive = Kept(folder, "archive.key", () => RandomNumberGenerator.GetBytes(32));
        var seal = Kept(folder, "seal.key", () => RandomNumberGenerator.GetBytes(32));
        var log = Kept(folder, "log.key", () => RandomNumberGenerator.GetBytes(32));
        foreach (var (parameter, value) in (ReadOnlySpan<(string, string)>)
        [
            ("staff-authority", ""),
            ("staff-development-key", staffPublic),
            ("intake-private-key", intakePrivate), ("intake-public-key", intakePublic),
            ("review-private-key", reviewPrivate), ("review-public-key", reviewPublic),
            ("requester-key", requester),
            ("archive-master-key", archive),
            ("review-seal-key", seal),
            ("log-private-key", log),
        ])
        {
            configuration[$"Parameters:{parameter}"] ??= value;
        }
    }

    private static (string Private, string Public) Pair(string folder, string name)
    {
        var secret = Kept(folder, $"{name}.key", () =>
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return made.ExportPkcs8PrivateKey();
        });
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(secret), out _);
        return (secret, Kept(folder, $"{name}.pub", key.ExportSubjectPublicKeyInfo));
    }

    private static string Kept(string folder, string name, Func<byte[]> make)
    {
        var file = Path.Combine(folder, name);
        if (!File.Exists(file))
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            // Written beside and renamed, so that an interrupted start leaves no half key.
            using (var writer = new StreamWriter(file + ".new", options))
            {
                writer.WriteLine(Convert.ToBase64String(make()));
            }

            File.Move(file + ".new", file, overwrite: true);
        }

        return File.ReadAllText(file).Trim();
    }
}
