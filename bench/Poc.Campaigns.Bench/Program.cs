using System.CommandLine;
using System.Globalization;
using Poc.Campaigns.Bench;

// All figures in every culture alike.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var seeds = new Option<int[]>("--seeds") { Description = "Seeds of the generated data; the seed modulo 4 is the way of writing.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [100, 101, 102, 103] };
var evasion = new Option<double>("--evasion") { Description = "Share of campaign letters with lookalike letters, invisible characters or capitals." };
var prevalence = new Option<double>("--prevalence") { Description = "Share of the 24 campaigns that are planted.", DefaultValueFactory = _ => 1 };
var page = new Option<FileInfo?>("--page") { Description = "Write the results page here." };
var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for requests.csv, templates.csv and truth.csv.", Required = true };
var diagnose = new Option<bool>("--diagnose") { Description = "Print each campaign that holds what it should not." };

var accuracy = new Command("accuracy", "How well the engine finds planted campaigns in generated requests.") { seeds, evasion, prevalence, page, diagnose };
accuracy.SetAction(parsed => AccuracyRun.Run(
    parsed.GetRequiredValue(seeds), parsed.GetValue(evasion), parsed.GetValue(prevalence), parsed.GetValue(page), parsed.GetValue(diagnose), parsed.InvocationConfiguration.Output));

var generate = new Command("generate", "Write generated requests with what they really are, for the command line or any other detector.") { seeds, evasion, prevalence, folder };
generate.SetAction(parsed => GeneratedFiles.Write(
    new GeneratorSettings(parsed.GetRequiredValue(seeds)[0]) { Evasion = parsed.GetValue(evasion), Prevalence = parsed.GetValue(prevalence) }, parsed.GetRequiredValue(folder)));

var speed = new Command("speed", "Signatures, fingerprints and detection for each second of one core.");
speed.SetAction(parsed => SpeedRun.Run(parsed.InvocationConfiguration.Output));

var factors = new Option<int[]>("--times") { Description = "How many times the data.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 10, 100] };
var shares = new Command("shares", "Speed and memory of the analysis of shares beside two known tools.") { factors, page };
shares.SetAction(parsed => SharesRun.Run(parsed.GetRequiredValue(factors), parsed.GetValue(page), parsed.InvocationConfiguration.Output));

var file = new Argument<FileInfo>("FILE");
var found = new Argument<DirectoryInfo>("OUT");
var permutations = new Option<int?>("--permutations");
var once = new Command("shares-once", "One analysis, for the process that measures it.") { file, found, permutations };
once.Hidden = true;
once.SetAction(parsed => SharesRun.Once(parsed.GetRequiredValue(file), parsed.GetRequiredValue(found), parsed.GetValue(permutations), parsed.InvocationConfiguration.Output));

return new RootCommand("Accuracy and speed of the campaign engine, on published and seeded data. All of it is synthetic.") { accuracy, generate, speed, shares, once }.Parse(args).Invoke();
