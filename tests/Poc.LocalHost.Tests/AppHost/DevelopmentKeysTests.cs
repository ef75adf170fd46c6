using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Poc.AppHost;

namespace Poc.LocalHost.Tests.AppHost;

public sealed class DevelopmentKeysTests
{
    [Fact]
    public void Makes_the_keys_once_and_lets_only_their_owner_read_them()
    {
        var folder = TestStack.NewFolder();
        var (first, second) = (new ConfigurationManager(), new ConfigurationManager());
        DevelopmentKeys.Provide(first, folder);
        DevelopmentKeys.Provide(second, folder);

        foreach (var name in (string[])["staff-development-key", "intake-private-key", "intake-public-key", "review-private-key", "review-public-key", "requester-key", "archive-master-key", "review-seal-key", "log-private-key"])
        {
            Assert.NotEmpty(first[$"Parameters:{name}"]!);
            Assert.Equal(first[$"Parameters:{name}"], second[$"Parameters:{name}"]);
        }

        Assert.Equal("", first["Parameters:staff-authority"]);
        Assert.All(Directory.GetFiles(folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(["archive.key", "intake.key", "intake.pub", "log.key", "requester.key", "review.key", "review.pub", "seal.key", "staff.key", "staff.pub"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Makes_pairs_that_belong_together()
    {
        var configuration = new ConfigurationManager();
        var folder = TestStack.NewFolder();
        DevelopmentKeys.Provide(configuration, folder);
        using var secret = ECDsa.Create();
        secret.ImportPkcs8PrivateKey(Convert.FromBase64String(configuration["Parameters:intake-private-key"]!), out _);
        using var open = ECDsa.Create();
        open.ImportSubjectPublicKeyInfo(Convert.FromBase64String(configuration["Parameters:intake-public-key"]!), out _);
        Assert.True(open.VerifyData("words"u8, secret.SignData("words"u8.ToArray(), HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
        Assert.Equal("1.2.840.10045.3.1.7", open.ExportParameters(false).Curve.Oid.Value);
        Assert.Equal(32, Convert.FromBase64String(configuration["Parameters:log-private-key"]!).Length);
        Assert.NotEqual(configuration["Parameters:intake-public-key"], configuration["Parameters:review-public-key"]);
        Assert.Equal(configuration["Parameters:staff-development-key"], File.ReadAllText(Path.Combine(folder, "staff.pub")).Trim());
    }

    [Fact]
    public void Leaves_alone_what_is_configured()
    {
        var configuration = new ConfigurationManager { ["Parameters:staff-authority"] = "https://id.example.org", ["Parameters:log-private-key"] = "real" };
        DevelopmentKeys.Provide(configuration, TestStack.NewFolder());
        Assert.Equal(("https://id.example.org", "real"), (configuration["Parameters:staff-authority"], configuration["Parameters:log-private-key"]));
    }
}
