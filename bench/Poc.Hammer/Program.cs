using System.CommandLine;
using Poc.Hammer;

var callers = new Option<int[]>("--callers")
{
    Description = "Concurrent callers, one after the other.",
    DefaultValueFactory = static _ => [1, 16, 64, 256],
    CustomParser = static result =>
    {
        var counts = result.Tokens.SelectMany(static token => token.Value.Split(',')).Select(static text => int.TryParse(text, out var count) ? count : 0).ToArray();
        if (counts.Length == 0 || counts.Any(static count => count is < 1 or > 512))
        {
            result.AddError("--callers takes numbers from 1 to 512, separated by commas.");
        }

        return counts;
    },
};
var seconds = new Option<int>("--seconds") { Description = "Length of each measurement.", DefaultValueFactory = static _ => 10 };
var rounds = new Option<int>("--rounds") { Description = "How often service and pgbench take turns; the table shows the median round.", DefaultValueFactory = static _ => 3 };
var output = new Option<FileInfo?>("--output") { Description = "Markdown file for the results; bench/results/submit-baseline.md when not given." };
seconds.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--seconds"));
rounds.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--rounds"));

var submit = new Command(
    "submit",
    "SubmitRequest on a private stack (PostgreSQL, RabbitMQ, Redis, Intake as a process, its outbox relay running), and pgbench inserting the same rows (request, first state, "
    + "outbox) with the same number of clients on the same server, in turns. Build it with -c Release.")
{
    callers, seconds, rounds, output,
};
submit.SetAction((arguments, cancellation) => SubmitBaseline.RunAsync(
    new(arguments.GetRequiredValue(callers), TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)), arguments.GetRequiredValue(rounds), arguments.GetValue(output)), Say, cancellation));

var stored = new Option<int>("--stored") { Description = "Requests put there before the second measurement.", DefaultValueFactory = static _ => 1_000_000 };
var load = new Option<int>("--callers") { Description = "Concurrent callers.", DefaultValueFactory = static _ => 64 };
var page = new Option<FileInfo?>("--output") { Description = "Markdown file for the results; a page in bench/results when not given." };
stored.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--stored"));
load.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--callers"));

var growth = new Command("growth", "SubmitRequest with few and with very many requests stored, in one run. Build it with -c Release.") { stored, load, seconds, rounds, page };
growth.SetAction((arguments, cancellation) => GrowthBench.RunAsync(
    new(arguments.GetRequiredValue(stored), arguments.GetRequiredValue(load), TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)), arguments.GetRequiredValue(rounds), arguments.GetValue(page)), Say, cancellation));

var requests = new Option<int>("--requests") { Description = "Requests to file.", DefaultValueFactory = static _ => 50_000 };
var kills = new Option<int>("--kills") { Description = "How often Redis and RabbitMQ are killed and started again meanwhile.", DefaultValueFactory = static _ => 1 };
requests.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--requests"));
kills.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--kills"));

var outage = new Command("outage", "Files requests while Redis and RabbitMQ are killed and started again; exit code 1 if an acknowledged one is missing or anything is there twice.") { requests, load, kills, page };
outage.SetAction((arguments, cancellation) => OutageRun.RunAsync(
    new(arguments.GetRequiredValue(requests), arguments.GetRequiredValue(load), arguments.GetRequiredValue(kills), arguments.GetValue(page)), Say, cancellation));

var rate = new Option<int>("--rate") { Description = "Submissions a second.", DefaultValueFactory = static _ => 2_000 };
rate.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--rate"));

var pace = new Command("pace", "SubmitRequest at a steady rate: how long answers take when the service is not at its limit. Build it with -c Release.") { rate, load, seconds, rounds, page };
pace.SetAction((arguments, cancellation) => PaceBench.RunAsync(
    new(arguments.GetRequiredValue(rate), arguments.GetRequiredValue(load), TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)), arguments.GetRequiredValue(rounds), arguments.GetValue(page)), Say, cancellation));

var entries = new Option<int>("--entries") { Description = "Entries of the log for proofs and offline verification.", DefaultValueFactory = static _ => 1_000_000 };
entries.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--entries"));

var archive = new Command(
    "archive", "RecordStatement on a private archive beside fsync, one commit and pgbench with the same rows, then checkpoints, proofs and offline verification of a large log. Build it with -c Release.")
{
    entries, seconds, rounds, page,
};
archive.SetAction((arguments, cancellation) => ArchiveBench.RunAsync(
    new(arguments.GetRequiredValue(entries), TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)), arguments.GetRequiredValue(rounds), arguments.GetValue(page)), Say, cancellation));

var crashes = new Option<int>("--kills") { Description = "How often a process is killed.", DefaultValueFactory = static _ => 1_000 };
crashes.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--kills"));

var kill = new Command(
    "kills", "Two archives on one database under load while they and PostgreSQL are killed at random moments; exit code 1 if an acknowledged statement is missing or a checkpoint contradicts another.")
{
    crashes, page,
};
kill.SetAction((arguments, cancellation) => ArchiveKills.RunAsync(arguments.GetRequiredValue(crashes), arguments.GetValue(page), Say, cancellation));

var statements = new Option<int>("--statements") { Description = "Statements to search among.", DefaultValueFactory = static _ => 1_000_000 };
statements.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--statements"));

var search = new Command("search", "SearchStatements among many statements in seven scripts: common and rare words, phrases, mistyped words, filters. Build it with -c Release.") { statements, page };
search.SetAction((arguments, cancellation) => SearchBench.RunAsync(arguments.GetRequiredValue(statements), arguments.GetValue(page), Say, cancellation));

var designations = new Option<int>("--designations") { Description = "Designations in the register, of 20 changes each.", DefaultValueFactory = static _ => 100_000 };
designations.Validators.Add(static result => Positive(result.GetValueOrDefault<int>(), result.AddError, "--designations"));

var register = new Command(
    "register", "The public register: entries as they were said on any day, searches by name, and reads beside empty calls of the same host while decisions are written. Build it with -c Release.")
{
    designations, seconds, rounds, page,
};
register.SetAction((arguments, cancellation) => RegisterBench.RunAsync(
    new(arguments.GetRequiredValue(designations), TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)), arguments.GetRequiredValue(rounds), arguments.GetValue(page)), Say, cancellation));

if (args is [EmptyHost.Command, var url])
{
    return await EmptyHost.RunAsync(url);
}

var root = new RootCommand("Poc.Hammer: how fast the stack takes work, beside what the database alone would do, and what becomes of it when servers die.") { submit, growth, pace, outage, archive, kill, search, register };
return await root.Parse(args).InvokeAsync();

static void Positive(int value, Action<string> refuse, string option)
{
    if (value < 1)
    {
        refuse($"{option} must be at least 1.");
    }
}

static void Say(string line) => Console.Error.WriteLine($"hammer: {line}");
