extern alias partner;

using System.CommandLine;
using System.Globalization;
using partner::Poc.Contracts.Intake.V1;
using partner::Poc.Intake.Client;

namespace Poc.Cli.Commands;

/// <summary><c>poc exports</c>: takes a partner's own requests back, as <see cref="IntakeClient"/> does.</summary>
internal static class ExportsCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "partners/{partner}/operations/{operation}" };
    private static readonly Option<string> Filter = new("--filter") { Description = "Only requests that match (docs/filters.md); all where nothing is said.", DefaultValueFactory = _ => "" };
    private static readonly Option<Guid?> RequestId = new("--request-id") { Description = "UUID of this export: give the same one again to start it once only. Made when missing." };
    private static readonly Option<FileInfo> Out = new("--out") { Description = "File for the lines. Until it is whole it is called FILE.part; the same command goes on with that.", Required = true };
    private static readonly Option<int> Patience = new("--patience")
    {
        Description = "Seconds to go on trying while Intake is away, from when it went. Default 60.",
        Recursive = true,
        DefaultValueFactory = _ => 60,
    };

    public static Command Create()
    {
        var start = new Command("start", "Start an export of your requests; ends at once, and says how it is called.") { Filter, RequestId };
        start.SetAction(StartAsync);
        var list = new Command("list", "List your exports, newest first.");
        list.SetAction(ListAsync);
        var wait = new Command("wait", "Wait until an export is done; 1 where it was cancelled.") { Name };
        wait.SetAction(WaitAsync);
        var download = new Command("download", "Download a finished export: a line of JSON for each request. Its size and SHA-256 are compared before FILE is there.") { Name, Out };
        download.SetAction(DownloadAsync);
        var cancel = new Command("cancel", "End an export that runs, and drop what it has done.") { Name };
        cancel.SetAction(CancelAsync);
        Patience.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 86_400)
            {
                result.AddError("--patience must be between 0 and 86,400 s.");
            }
        });
        var exports = new Command("exports", "Take your requests back, all or some (partners).") { start, list, wait, download, cancel };
        exports.Options.Add(PartnerKey.Option);
        exports.Options.Add(Patience);
        return exports;
    }

    private static async Task<int> StartAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var client = Connect(parsed);
        var started = await client.StartExportAsync(parsed.GetValue(RequestId) ?? Guid.Parse(PartnerCommand.FreshId()), parsed.GetRequiredValue(Filter), cancellation);
        await Answer.WriteAsync(parsed, started, Line(started));
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var client = Connect(parsed);
        var all = new ListOperationsResponse();
        await foreach (var operation in client.ListOperationsAsync(cancellation))
        {
            all.Operations.Add(operation);
        }

        await Answer.WriteAsync(parsed, all, all.Operations.Select(Line));
        return ExitCode.Done;
    }

    private static async Task<int> WaitAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var client = Connect(parsed);
        var done = await client.WaitOperationAsync(parsed.GetRequiredValue(Name), new Told<Operation>(parsed, static operation => $"{operation.DoneCount} of {operation.TotalCount}"), cancellation);
        await Answer.WriteAsync(parsed, done, Line(done));
        return done.State == Operation.Types.State.Succeeded ? ExitCode.Done : ExitCode.Refused;
    }

    private static async Task<int> DownloadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var file = parsed.GetRequiredValue(Out);
        if (file.Exists)
        {
            throw new UsageException($"{file} is there already.");
        }

        using var client = Connect(parsed);
        var part = $"{file.FullName}.part";
        Operation operation;
        await using (var content = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            operation = await client.ReadExportAsync(parsed.GetRequiredValue(Name), content, new Told<long>(parsed, static lines => $"{lines} lines"), cancellation);
        }

        File.Move(part, file.FullName);
        await Answer.WriteAsync(parsed, operation, $"{operation.DoneCount} requests in {file}", $"sha-256 {operation.Sha256}");
        return ExitCode.Done;
    }

    private static async Task<int> CancelAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var client = Connect(parsed);
        var cancelled = await client.CancelOperationAsync(parsed.GetRequiredValue(Name), cancellation);
        await Answer.WriteAsync(parsed, cancelled, Line(cancelled));
        return ExitCode.Done;
    }

    private static string Line(Operation operation) => string.Create(
        CultureInfo.InvariantCulture,
        $"{operation.Name}  {operation.State}  {operation.DoneCount} of {operation.TotalCount}  started {operation.CreatedAt.ToDateTimeOffset():u}, kept until {operation.ExpiresAt.ToDateTimeOffset():u}");

    private static IntakeClient Connect(ParseResult parsed)
    {
        var (address, apiKey) = (parsed.GetRequiredValue(GlobalOptions.Intake), PartnerKey.Read(parsed));
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            throw new UsageException($"'{address}' is not an address: give http://host:port or https://host:port.");
        }

        try
        {
            return new IntakeClient(new IntakeClientOptions { Address = uri, ApiKey = apiKey, Patience = TimeSpan.FromSeconds(parsed.GetValue(Patience)) });
        }
        catch (ArgumentException problem)
        {
            throw new UsageException(problem.Message);
        }
    }

    // How far it is, once for each change, beside the answer and not in it.
    private sealed class Told<T>(ParseResult parsed, Func<T, string> line) : IProgress<T>
    {
        private string _last = "";

        public void Report(T value)
        {
            if (line(value) is var text && text != _last)
            {
                parsed.InvocationConfiguration.Error.WriteLine(_last = text);
            }
        }
    }
}
