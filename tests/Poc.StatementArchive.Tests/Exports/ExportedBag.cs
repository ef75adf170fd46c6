using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Exports;
using Poc.Testing;
using Poc.Verify;

namespace Poc.StatementArchive.Tests.Exports;

/// <summary>What poc-verify said of a bag.</summary>
/// <param name="ExitCode">As the shell sees it.</param>
/// <param name="Reasons">The named reasons.</param>
/// <param name="Output">All that it printed.</param>
public sealed record Verdict(int ExitCode, IReadOnlySet<string> Reasons, string Output);

/// <summary>A bag that a running archive exported, unpacked by tar, in a folder of its own.</summary>
public sealed class ExportedBag : IDisposable
{
    public const string Recipient = "Суд першої інстанції (synthetic)";

    public const string Purpose = "Case 7/21, by order of the court.";

    private readonly string _scratch = Directory.CreateTempSubdirectory("poc-export-").FullName;

    private ExportedBag() => Folder = Path.Combine(_scratch, "bag");

    public string Folder { get; }

    /// <summary>The policy of somebody who got the log's key from the archive directly.</summary>
    public string PolicyFile => Path.Combine(_scratch, "policy");

    public IReadOnlyList<string> Files =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Exports, and unpacks with the system's own tar.</summary>
    public static async Task<ExportedBag> OfAsync(ArchiveService service, params string[] names)
    {
        var bag = new ExportedBag();
        var tar = Path.Combine(bag._scratch, "bag.tar");
        using (var call = service.Client.ExportStatements(new ExportStatementsRequest { Names = { names }, Recipient = Recipient, Purpose = Purpose }, ArchiveService.Auditor))
        {
            await using var output = File.Create(tar);
            await foreach (var message in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                Assert.InRange(message.Data.Length, 1, 256 * 1024);
                await output.WriteAsync(message.Data.Memory);
            }
        }

        Directory.CreateDirectory(bag.Folder);
        await Foreign.PrepareAsync("tar", ["-xf", tar, "--strip-components=1", "-C", bag.Folder]);
        var key = (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).VerifierKey;
        await File.WriteAllTextAsync(bag.PolicyFile, $"log {key}\nquorum none\n");
        return bag;
    }

    /// <summary>A statement with everything that there can be about one.</summary>
    public static async Task<string> RecordAsync(ArchiveService service)
    {
        var statement = (await service.Client.RecordAsync(Some.Subject("exported"), "s1", Some.Statement("Слова, die zählen: 言葉.", "ru"))).Name;
        foreach (var (language, text) in ((string, string)[])[("en", "Words that count."), ("en", "Words which count."), ("ja", "数える言葉。")])
        {
            await service.Client.AddTranslationAsync(
                new AddTranslationRequest { RequestId = Some.RequestId(), Parent = statement, Translation = new Translation { Language = language, Text = text, Translator = "translator" } },
                ArchiveService.Archivist);
        }

        foreach (var (finding, year) in ((RetractionFinding, int)[])[(RetractionFinding.NoneFound, 2012), (RetractionFinding.Partial, 2013), (RetractionFinding.Against, 2020)])
        {
            await service.Client.RecordRetractionEntryAsync(Some.Entry(statement, finding, Some.Year(year)), ArchiveService.Archivist);
        }

        return statement;
    }

    /// <summary>A capture of so many bytes.</summary>
    public static async Task<Capture> CaptureAsync(ArchiveService service, int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        using var call = service.Client.RecordCapture(ArchiveService.Intake);
        var capture = new Capture
        {
            Source = $"partners/p/attachments/{Guid.CreateVersion7()}",
            MediaType = "application/pdf",
            SizeBytes = size,
            Sha256 = ByteString.CopyFrom(SHA256.HashData(bytes)),
        };
        await call.RequestStream.WriteAsync(new RecordCaptureRequest { Capture = capture });
        foreach (var chunk in bytes.Chunk(100_000))
        {
            await call.RequestStream.WriteAsync(new RecordCaptureRequest { Data = ByteString.CopyFrom(chunk) });
        }

        await call.RequestStream.CompleteAsync();
        return (await call).Capture;
    }

    public string PathOf(string file) => Path.Combine(Folder, file.Replace('/', Path.DirectorySeparatorChar));

    public byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

    public void Write(string file, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllBytes(PathOf(file), bytes);
    }

    /// <summary>What somebody would do who changed a file and knows BagIt: manifests and size made anew, as they are usually written.</summary>
    public void MakeManifestsAnew()
    {
        var payload = Files.Where(file => file.StartsWith("data/", StringComparison.Ordinal)).Select(file => (file, Bytes: Read(file))).ToList();
        Write(ExportLayout.Manifests[0], ExportLayout.Manifest(payload.Select(file => (file.file, SHA256.HashData(file.Bytes)))));
        Write(ExportLayout.Manifests[1], ExportLayout.Manifest(payload.Select(file => (file.file, SHA512.HashData(file.Bytes)))));
        if (File.Exists(PathOf(ExportLayout.Info)))
        {
            var oxum = string.Create(CultureInfo.InvariantCulture, $"Payload-Oxum: {payload.Sum(file => (long)file.Bytes.Length)}.{payload.Count}");
            var lines = System.Text.Encoding.Latin1.GetString(Read(ExportLayout.Info)).Split('\n');
            Write(ExportLayout.Info, System.Text.Encoding.Latin1.GetBytes(string.Join('\n', lines.Select(line => line.StartsWith("Payload-Oxum:", StringComparison.Ordinal) ? oxum : line))));
        }

        var tags = Files.Where(file => !file.StartsWith("data/", StringComparison.Ordinal) && !file.StartsWith("tagmanifest-", StringComparison.Ordinal))
            .Select(file => (file, Bytes: Read(file))).ToList();
        Write(ExportLayout.Manifests[2], ExportLayout.Manifest(tags.Select(file => (file.file, SHA256.HashData(file.Bytes)))));
        Write(ExportLayout.Manifests[3], ExportLayout.Manifest(tags.Select(file => (file.file, SHA512.HashData(file.Bytes)))));
    }

    public Task<Verdict> VerifyAsync() => RunAsync(Folder, "--policy", PolicyFile);

    public static async Task<Verdict> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await VerifyCommand.RunAsync([.. args, "--json"], output, errors);
        Assert.NotEqual(VerifyCommand.WrongUsage, code);
        using var json = JsonDocument.Parse(output.ToString());
        var reasons = json.RootElement.GetProperty("failures").EnumerateArray().Select(failure => failure.GetProperty("reason").GetString()!);
        return new Verdict(code, reasons.ToHashSet(StringComparer.Ordinal), output.ToString());
    }

    public void Dispose() => Directory.Delete(_scratch, recursive: true);
}
