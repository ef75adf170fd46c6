using System.CommandLine;
using System.Globalization;
using System.Net;
using Poc.Kernel.Notes;

namespace Poc.Witness;

/// <summary>The command line. Exit codes: 0 done, 1 it could not be done, 2 wrong usage.</summary>
internal static class WitnessCommand
{
    // A proof has at most 63 hashes and a checkpoint a few hundred bytes.
    private const int MaxBody = 65_536;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var root = new RootCommand("poc-witness: cosigns checkpoints of logs that only grow (C2SP tlog-witness). Exit codes: 0 done, 1 could not be done, 2 wrong usage.");
        root.Add(Init(output));
        root.Add(Trust(output));
        root.Add(Distrust(output));
        root.Add(List(output));
        root.Add(Serve(output));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await errors.WriteLineAsync($"poc-witness: {error.Message}");
            }

            await errors.WriteLineAsync("Try: poc-witness --help, or --help after any command.");
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new() { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException or InvalidDataException)
        {
            await errors.WriteLineAsync($"poc-witness: {problem.Message}");
            return 1;
        }
    }

    private static Command Init(TextWriter output)
    {
        var folder = Folder();
        var name = new Option<string>("--name") { Description = "Name of the witness: a schema-less URL, such as witness.example.", Required = true };
        var command = new Command("init", "Makes the folder and a new key, and prints the verifier key.") { folder, name };
        command.SetAction(parsed => output.WriteLine(new WitnessFolder(parsed.GetRequiredValue(folder)).Create(parsed.GetRequiredValue(name))));
        return command;
    }

    private static Command Trust(TextWriter output)
    {
        var folder = Folder();
        var log = new Argument<string>("VKEY") { Description = "Verifier key of the log, name+id+base64; its name is the log's origin." };
        var command = new Command("trust", "Adds a log whose checkpoints are to be cosigned, or the next key of a known one. Start 'serve' again afterwards.") { folder, log };
        command.SetAction(parsed =>
        {
            var key = NoteKey.Parse(parsed.GetRequiredValue(log));
            new WitnessFolder(parsed.GetRequiredValue(folder)).Trust(key);
            output.WriteLine($"{key.Name} is cosigned from now on.");
        });
        return command;
    }

    private static Command Distrust(TextWriter output)
    {
        var folder = Folder();
        var log = new Argument<string>("VKEY") { Description = "Verifier key that the log no longer uses." };
        var command = new Command("distrust", "Takes away a key of a log that has another one. Start 'serve' again afterwards.") { folder, log };
        command.SetAction(parsed =>
        {
            var key = NoteKey.Parse(parsed.GetRequiredValue(log));
            new WitnessFolder(parsed.GetRequiredValue(folder)).Distrust(key);
            output.WriteLine($"What this key of {key.Name} signs is not cosigned any more.");
        });
        return command;
    }

    private static Command List(TextWriter output)
    {
        var folder = Folder();
        var command = new Command("list", "Prints the verifier key, and of each log the origin, size, root and time last cosigned.") { folder };
        command.SetAction(parsed =>
        {
            var place = new WitnessFolder(parsed.GetRequiredValue(folder));
            using var cosigner = place.Cosigner();
            output.WriteLine(cosigner.PublicKey);
            foreach (var log in place.Logs(toCosign: false))
            {
                using (log)
                {
                    var time = log.Tree.At?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "never";
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{log.Origin} {log.Tree.Size} {Convert.ToBase64String(log.Tree.RootHash)} {time}"));
                }
            }
        });
        return command;
    }

    private static Command Serve(TextWriter output)
    {
        var folder = Folder();
        var url = new Option<string>("--url") { Description = "Where to listen; put a proxy with TLS before it.", DefaultValueFactory = _ => "http://127.0.0.1:7380" };
        var command = new Command("serve", "Answers POST /add-checkpoint until it is stopped.") { folder, url };
        command.SetAction(async (parsed, cancellation) =>
        {
            var place = new WitnessFolder(parsed.GetRequiredValue(folder));
            using var cosigner = place.Cosigner();
            using var alone = place.TakeAlone();
            var logs = place.Logs(toCosign: true).ToDictionary(log => log.Origin, StringComparer.Ordinal);
            try
            {
                await using var app = Build(new AddCheckpoint(logs, cosigner, TimeProvider.System), parsed.GetRequiredValue(url));
                await app.StartAsync(cancellation);
                await output.WriteLineAsync($"{cosigner.PublicKey} cosigns {logs.Count} logs at {string.Join(", ", app.Urls)}");
                await app.WaitForShutdownAsync(cancellation);
            }
            finally
            {
                foreach (var log in logs.Values)
                {
                    log.Dispose();
                }
            }
        });
        return command;
    }

    private static WebApplication Build(AddCheckpoint slice, string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(url).ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBody);
        var app = builder.Build();
        app.MapPost("/add-checkpoint", async (HttpRequest request, CancellationToken cancellation) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellation);
            var answer = slice.Handle(body.ToArray());
            if (answer.Status != (int)HttpStatusCode.OK)
            {
                app.Logger.LogWarning("Refused with {Status}: {Why}", answer.Status, answer.Body.TrimEnd());
            }

            return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
        });
        return app;
    }

    private static Argument<string> Folder() => new("DIR") { Description = "Folder with the witness's key and what it has cosigned." };
}
