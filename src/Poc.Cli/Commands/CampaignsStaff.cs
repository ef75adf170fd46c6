using System.CommandLine;
using System.Globalization;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc campaigns list | show | residues | classify</c>: what Intake found, for staff.</summary>
internal static class CampaignsStaff
{
    private static readonly Argument<string> Name = new("name") { Description = "campaigns/{campaign}" };
    private static readonly Option<CampaignClassification> Classification = new("--as") { Description = "declaredtemplate, sharedreaction, undetermined or suspected.", Required = true };
    private static readonly Option<string> Reasons = new("--reasons") { Description = "Why. They stay on record, as do those given before.", Required = true };
    private static readonly Option<bool> Everything = new("--all") { Description = "Also requests that say nothing of their own." };

    public static IEnumerable<Command> Create()
    {
        var list = new Command("list", "List campaigns that Intake found, last raised first (staff).");
        list.SetAction(ListAsync);
        var show = new Command("show", "Show a campaign with its evidence: what is shared, how it compares with chance, other explanations, public acts near it, and what persons said (staff).") { Name };
        show.SetAction(ShowAsync);
        var residues = new Command("residues", "Show what each request of a campaign says of its own: the part that must be read (staff).") { Name, Everything };
        residues.SetAction(ResiduesAsync);
        var classify = new Command("classify", "Say what a campaign is (intake officers).") { Name, Classification, Reasons };
        classify.SetAction(ClassifyAsync);
        return [list, show, residues, classify];
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var all = new ListCampaignsResponse();
        do
        {
            var page = await Client(connection).ListCampaignsAsync(new() { PageSize = 500, PageToken = all.NextPageToken }, connection.Call(cancellation));
            all.Campaigns.Add(page.Campaigns);
            all.NextPageToken = page.NextPageToken;
        }
        while (all.NextPageToken.Length > 0);
        await Answer.WriteAsync(parsed, all, all.Campaigns.Select(Line).Append($"{all.Campaigns.Count} campaigns"));
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var shown = await Client(connection).GetCampaignAsync(new() { Name = parsed.GetRequiredValue(Name) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, shown, Lines(shown));
        return ExitCode.Done;
    }

    /// <summary>A campaign as a person reads it: evidence first, what persons made of it last.</summary>
    internal static IEnumerable<string> Lines(GetCampaignResponse shown)
    {
        var campaign = shown.Campaign;
        return
        [
            Line(campaign),
            $"about        {(campaign.Subjects.Count > 0 ? string.Join(", ", campaign.Subjects) : "nobody named")}",
            $"received     {Time(campaign.FirstAt)} to {Time(campaign.LastAt)}, raised {Time(campaign.RaisedAt)} by its {campaign.FoundBy} (rules {campaign.Detector})",
            string.Create(CultureInfo.InvariantCulture, $"chance       adjusted p {campaign.AdjustedP:g2}; two unrelated letters are that similar {(shown.ChanceRate > 0 ? $"once in {1 / shown.ChanceRate:#,0}" : "never, as far as was seen")}"),
            $"before       {(shown.EarlierRequests == 0 ? "no request of like wording" : $"{shown.EarlierRequests} requests of like wording: a form that has long been around")}",
            $"sources      {shown.OrganisationSources} organisations, {shown.IndividualSources} individuals",
            .. Timeline(shown.Timeline),
            .. shown.Wordings.SelectMany(static (wording, i) => Wording(wording, i + 1)),
            .. shown.Links.Select(static link => string.Create(CultureInfo.InvariantCulture, $"linked       {string.Join("; ", link.Grounds)} (weight {link.Weight:0.#}, 6 joins)")),
            .. shown.Explanations.Select(static one => $"explanation  {one.Name}: {(one.Holds ? "holds" : "does not hold")}. {one.Detail}"),
            .. shown.Amplifications.Select(Amplification),
            .. shown.Classifications.Select(said => $"classified   {Time(said.ClassifiedAt)}  {said.Classification} by {said.ClassifiedBy}{Of(campaign, said.Campaign)}: {said.Reasons}"),
            .. shown.Contests.Select(contest => $"contested    {Time(contest.ContestedAt)}  {contest.Partner}{Of(campaign, contest.Campaign)}: {contest.Reason}"),
        ];
    }

    private static async Task<int> ResiduesAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var all = new ListCampaignResiduesResponse();
        do
        {
            var page = await Client(connection).ListCampaignResiduesAsync(
                new() { Name = parsed.GetRequiredValue(Name), PageSize = 100, PageToken = all.NextPageToken }, connection.Call(cancellation));
            all.Residues.Add(page.Residues);
            all.NextPageToken = page.NextPageToken;
        }
        while (all.NextPageToken.Length > 0);
        var written = all.Residues.Where(residue => residue.Words > 0 || parsed.GetValue(Everything)).ToList();
        await Answer.WriteAsync(parsed, all,
            written.Select(static residue => $"{residue.Request}  {Time(residue.ReceivedAt)}  joined by {residue.JoinedBy}{(residue.Words > 0 ? $": {residue.Text}" : "")}")
                .Append($"{all.Residues.Count(static residue => residue.Words > 0)} of {all.Residues.Count} requests say something of their own"));
        return ExitCode.Done;
    }

    private static async Task<int> ClassifyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.IntakeOfficer);
        var response = await Client(connection).ClassifyCampaignAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Name = parsed.GetRequiredValue(Name),
                Classification = parsed.GetRequiredValue(Classification),
                Reasons = parsed.GetRequiredValue(Reasons),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Entry, $"{response.Entry.Campaign}  {response.Entry.Classification}");
        return ExitCode.Done;
    }

    private static string Line(Campaign campaign) =>
        $"{campaign.Name}  {campaign.Requests} similar requests from {campaign.Sources} independent sources  "
        + $"{(campaign.Classification == CampaignClassification.Unspecified ? "not classified" : campaign.Classification)}{(campaign.Contests > 0 ? $", contested by {campaign.Contests}" : "")}";

    // The longest bar is forty wide; what was usual stands in the heading, because a bar of it would mostly be none.
    private static IEnumerable<string> Timeline(CampaignTimeline? timeline)
    {
        if (timeline is null)
        {
            return [];
        }

        var (most, step) = (Math.Max(1, timeline.Steps.Max(static one => one.Requests)), timeline.Step.ToTimeSpan());
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"timeline     by {(step.TotalDays >= 1 ? $"{step.TotalDays:0} d" : $"{step.TotalHours:0} h")}; usual before it: {timeline.UsualPerStep:0.##} in its languages, of {timeline.UsualSeen.ToTimeSpan().TotalDays:0.#} days seen"),
            .. timeline.Steps.Where(static one => one.Requests > 0).Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"             {one.StartsAt.ToDateTimeOffset():yyyy-MM-dd HH:mm}Z {one.Requests,6} {new string('#', Math.Max(1, one.Requests * 40 / most))} and {one.Others} others")),
        ];
    }

    private static IEnumerable<string> Wording(CampaignWording wording, int number) =>
    [
        $"wording {number}    {wording.Requests} requests in {string.Join(", ", wording.Languages)}, {wording.Residues.Count(static residue => residue.Words > 0)} of them with something of their own",
        .. wording.Passages.Select(static passage => $"             \"{passage}\""),
    ];

    private static string Amplification(CampaignAmplification act) =>
        $"amplified    {act.OccurredOn}, {(act.DaysBefore >= 0 ? $"{act.DaysBefore} days before the first" : $"{-act.DaysBefore} days after the first")}: {act.Description} {act.Url}".TrimEnd()
        + $" (linked by {string.Join(", ", act.Grounds)}{(act.SharedWords > 0 ? $"; at most {act.SharedWords} words in a row in common" : "")})";

    private static string Of(Campaign shown, string said) => said == shown.Name ? "" : $", as {said}";

    private static string Time(Google.Protobuf.WellKnownTypes.Timestamp? at) => at is null ? "-" : at.ToDateTimeOffset().ToString("u", CultureInfo.InvariantCulture);

    private static CampaignService.CampaignServiceClient Client(Connection connection) => new(connection.Invoker);
}
