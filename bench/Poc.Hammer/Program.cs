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
    new(arguments.GetRequiredValue(callers), TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)), arguments.GetRequiredValue(rounds), arguments.GetValue(output)), cancellation));

var root = new RootCommand("Poc.Hammer: how fast the stack takes work, beside what the database alone would do.") { submit };
return await root.Parse(args).InvokeAsync();

static void Positive(int value, Action<string> refuse, string option)
{
    if (value < 1)
    {
        refuse($"{option} must be at least 1.");
    }
}
