using Poc.Cli;
using Poc.Cli.Commands;

// Exit codes, the same for every command: 0 done; 1 refused or not verified; 2 wrong usage; 3 the service cannot be reached now.
var root = new System.CommandLine.RootCommand("poc: the command line of Poc. Exit codes: 0 done, 1 refused or not verified, 2 wrong usage, 3 service not reachable.")
{
    TokenCommand.Create(),
    PartnerCommand.Create(),
    RequestCommand.Create(),
    DossierCommand.Create(),
    PanelCommand.Create(),
    BallotCommand.Create(),
    DecisionCommand.Create(),
    TieCommand.Create(),
    PrecedentCommand.Create(),
    StatementCommand.Create(),
    SubjectCommand.Create(),
    DesignationCommand.Create(),
    MandateCommand.Create(),
    SpeakerCommand.Create(),
    IncidentCommand.Create(),
    RequesterCommand.Create(),
    CampaignsCommand.Create(),
    AmplificationCommand.Create(),
    ExportsCommand.Create(),
    RegisterCommand.Create(),
    ProtocolCommand.Create(),
    ArchiveCommand.Create(),
};
GlobalOptions.AddTo(root);
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"poc: {error.Message}");
    }

    await Console.Error.WriteLineAsync("Try: poc --help, or --help after any command.");
    return ExitCode.WrongUsage;
}

return await Failures.ExplainAsync(() => parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false }), Console.Error);
