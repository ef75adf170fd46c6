using Poc.Story;
using Poc.Story.Script;
using Poc.Story.Stack;
using Poc.Story.Telling;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(StoryArguments.Usage);
    return 0;
}

StoryArguments arguments;
StackAddresses addresses;
StoryScript script;
string staffKey;
try
{
    arguments = StoryArguments.Parse(args);
    addresses = StackAddresses.FromEnvironment();
    script = StoryScript.Load(arguments.Data);
    staffKey = File.ReadAllText(Path.Combine(arguments.Keys, "staff.key")).Trim();
}
catch (Exception problem) when (problem is ArgumentException or FormatException or InvalidDataException or IOException)
{
    Console.Error.WriteLine($"{problem.Message}\n\n{StoryArguments.Usage}");
    return 2;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    interrupted.Cancel();
};
Console.OutputEncoding = System.Text.Encoding.UTF8;
using var narrator = new Narrator(Console.Out, arguments.Transcript, TimeProvider.System);
using var stage = new Stage(script, addresses, staffKey, narrator, TimeProvider.System);
return await Play.ToItsEndAsync(stage, interrupted.Token);
