using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc dossier</c>: what is under review.</summary>
internal static class DossierCommand
{
    private static readonly Option<string> Subject = new("--subject") { Description = "Only about this subject.", DefaultValueFactory = _ => "" };
    private static readonly Option<Dossier.Types.State> State = new("--state") { Description = "Only in this state: gathering, voting, ballotsopen, drafted or decided." };
    private static readonly Argument<string> Name = new("name") { Description = "dossiers/{dossier}" };

    private static readonly Argument<string> Campaign = new("campaign") { Description = "campaigns/{campaign} of an entry" };

    private static readonly Argument<string> Protocol = new("protocol") { Description = "protocols/{version}" };

    public static Command Create()
    {
        var list = new Command("list", "List dossiers, newest first.") { Subject, State };
        list.SetAction(ListAsync);
        var show = new Command("show", "Show one dossier.") { Name };
        show.SetAction(ShowAsync);
        var residues = new Command("residues", "Show what each request below a campaign's entry says of its own.") { Name, Campaign };
        residues.SetAction(ResiduesAsync);
        var replay = new Command("replay", "Show what the same requests, panel and votes would have come to under another version of the rules. Nothing is changed.") { Name, Protocol };
        replay.SetAction(ReplayAsync);
        return new Command("dossier", "What is under review (staff).") { list, show, residues, replay };
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var client = new ReviewService.ReviewServiceClient(connection.Invoker);
        var all = new ListDossiersResponse();
        do
        {
            var page = await client.ListDossiersAsync(
                new() { Subject = parsed.GetRequiredValue(Subject), State = parsed.GetValue(State), PageSize = 500, PageToken = all.NextPageToken },
                connection.Call(cancellation));
            all.Dossiers.Add(page.Dossiers);
            all.NextPageToken = page.NextPageToken;
        }
        while (all.NextPageToken.Length > 0);
        await Answer.WriteAsync(parsed, all, all.Dossiers.Select(Line).Append($"{all.Dossiers.Count} dossiers"));
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).GetDossierAsync(
            new() { Name = parsed.GetRequiredValue(Name) }, connection.Call(cancellation));
        var dossier = response.Dossier;
        await Answer.WriteAsync(parsed, dossier,
        [
            Line(dossier),
            $"protocol   {(dossier.Protocol.Length > 0 ? dossier.Protocol : "not bound yet")}",
            $"requests   {dossier.Requests.Count}, in {dossier.Requests.Select(request => request.SameTextGroup).Distinct().Count()} different wordings",
            .. dossier.Entries.Where(static entry => entry.Campaign.Length > 0).SelectMany(CampaignLines),
            .. dossier.Requests.SelectMany(RepetitionLines),
            .. dossier.Statements.Select(statement => $"statement  {statement}"),
            .. dossier.Panel.Select(PanelCommand.MemberLine),
            $"reply      {(dossier.RightOfReply is { } reply ? $"{(reply.Given ? "given" : "not given")} {reply.Dated}: {reply.Reason}" : "not on record yet")}",
            $"decision   {(dossier.Decision.Length > 0 ? dossier.Decision : "none yet")}",
            $"etag       {dossier.Etag}",
        ]);
        return ExitCode.Done;
    }

    // One entry, whatever its size; poc dossier residues shows what its requests say of their own.
    private static IEnumerable<string> CampaignLines(DossierEntry entry) =>
    [
        $"campaign   {entry.Campaign}  {(entry.Classification.Length > 0 ? entry.Classification : "not classified yet")}{(entry.Contested ? ", contested" : "")}",
        .. entry.History.Select(static change => $"           {change.ChangedAt.ToDateTimeOffset():u}  {change.Campaign}  {change.Kind}"
            + $"{(change.Classification.Length > 0 ? $" {change.Classification} by {change.SaidBy}" : "")}{(change.MergedInto.Length > 0 ? $" into {change.MergedInto}" : "")}"),
    ];

    private static IEnumerable<string> RepetitionLines(DossierRequest request) => request.Repetition is not { } repetition ? [] :
    [
        $"repeats    {request.Request}: {string.Join(", ", repetition.EarlierDossiers)}{(repetition.SameText ? ", the same text" : "")}",
        .. repetition.NewStatements.Select(static statement => $"           new statement {statement}"),
        .. repetition.NewAttachments.Select(static attachment => $"           new document {attachment}"),
        .. repetition.NewLinks.Select(static link => $"           new link {link}"),
        .. repetition.NewPassages.Select(static passage => $"           new words at {passage.Start} to {passage.End}"),
    ];

    private static async Task<int> ReplayAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var replay = await new ReviewService.ReviewServiceClient(connection.Invoker).ReplayDossierAsync(
            new() { Dossier = parsed.GetRequiredValue(Name), Protocol = parsed.GetRequiredValue(Protocol) }, connection.Call(cancellation));
        var end = replay.Steps.FirstOrDefault(static step => step.Stops);
        await Answer.WriteAsync(parsed, replay,
        [
            $"{replay.RecordedProtocol}: {replay.RecordedOutcome}",
            $"{replay.Protocol}: {(end is null ? replay.Outcome : $"no outcome, it would have ended at: {end.Step}")}",
            .. replay.Steps.SelectMany(static step => step.Differs ? [$"  {step.Step}: {step.Recorded}", $"  {new string(' ', step.Step.Length)}  {step.Replayed}"] : (string[])[$"  {step.Step}: {step.Recorded} (the same)"]),
            .. replay.Differences.Select(static difference => $"rule {difference.Path}: {(difference.Before.Length == 0 ? "nothing" : difference.Before)} -> {(difference.After.Length == 0 ? "nothing" : difference.After)}"),
        ]);
        return ExitCode.Done;
    }

    private static async Task<int> ResiduesAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var client = new ReviewService.ReviewServiceClient(connection.Invoker);
        var all = new ListResiduesResponse();
        do
        {
            var page = await client.ListResiduesAsync(
                new() { Dossier = parsed.GetRequiredValue(Name), Campaign = parsed.GetRequiredValue(Campaign), PageSize = 100, PageToken = all.NextPageToken }, connection.Call(cancellation));
            all.Residues.Add(page.Residues);
            all.NextPageToken = page.NextPageToken;
        }
        while (all.NextPageToken.Length > 0);
        await Answer.WriteAsync(parsed, all, all.Residues.Where(static residue => residue.Text.Length > 0).Select(static residue => $"{residue.Request}  {residue.Text}"));
        return ExitCode.Done;
    }

    private static string Line(Dossier dossier) => $"{dossier.Name}  {dossier.Question}  {dossier.Subject}  {dossier.State}";
}
