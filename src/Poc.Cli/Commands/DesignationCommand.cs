using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc designation</c>: detentions on record, and what the label in them becomes apart from a panel's decision.</summary>
internal static class DesignationCommand
{
    private static readonly Argument<string> Subject = new("subject") { Description = "subjects/{subject}" };
    private static readonly Argument<string> Episode = new("episode") { Description = "subjects/{subject}/episodes/{episode}" };
    private static readonly Argument<string> DossierName = new("dossier") { Description = "dossiers/{dossier}" };
    private static readonly Option<string> EpisodeId = new("--id") { Description = "Lower-case letters, digits and hyphens.", Required = true };
    private static readonly Option<string> DetainedOn = new("--detained-on") { Description = "First day of the detention, ISO 8601.", Required = true };
    private static readonly Option<string> Description = new("--description") { Description = "A neutral description.", Required = true };
    private static readonly Option<string> DesignatedOn = new("--designated-on") { Description = "Day it was said in public, ISO 8601.", Required = true };
    private static readonly Option<string> ClosedOn = new("--closed-on") { Description = "Day its end was said in public; leave it out while the label stands.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Source = new("--source") { Description = "Where it is documented.", Required = true };
    private static readonly Option<string> On = new("--on") { Description = "Day from which it holds, ISO 8601.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why; the register shows it.", Required = true };
    private static readonly Option<string> DeclaredBy = OneOf("--declared-by", "Whose words it is.", "subject", "counsel");
    private static readonly Option<string> DeclaredOn = new("--declared-on") { Description = "Day of the declaration, ISO 8601.", Required = true };
    private static readonly Option<string> VerifiedHow = new("--verified-how") { Description = "How it was made sure that the words are theirs; for staff.", Required = true };
    private static readonly Option<string> Statement = new("--statement") { Description = "The archived statement that holds the words: subjects/{subject}/statements/{statement}.", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static Command Create()
    {
        var open = new Command("open", "Put a detention on record; the designation in it is Proposed (intake officers).") { Subject, EpisodeId, DetainedOn, Description, RequestId };
        open.SetAction(OpenAsync);
        var past = new Command("past", "Take a designation of the past into the register.") { Episode, DesignatedOn, ClosedOn, Source, RequestId };
        past.SetAction(PastAsync);
        var provisional = new Command("provisional", "Give the label at once, until a panel decides; a request in the dossier must say why it cannot wait.") { DossierName, On, Reason, RequestId };
        provisional.SetAction(ProvisionalAsync);
        var renounce = new Command("renounce", "The subject does not want the label.") { Episode, On, DeclaredBy, DeclaredOn, VerifiedHow, Statement, Reason, RequestId };
        renounce.SetAction(RenounceAsync);
        var close = new Command("close", "End a designation: released, died, identity error.") { Episode, On, Reason, RequestId };
        close.SetAction(static (parsed, cancellation) => EndAsync(parsed, DesignationState.Closed, null, cancellation));
        var show = new Command("show", "Show a subject's detentions with every change of their labels, and who may see it.") { Subject };
        show.SetAction(ShowAsync);
        return new Command("designation", "Detentions and labels (approvers).") { open, past, provisional, renounce, close, show };
    }

    private static async Task<int> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.IntakeOfficer);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).OpenEpisodeAsync(
            new()
            {
                RequestId = IdOf(parsed),
                Parent = parsed.GetRequiredValue(Subject),
                EpisodeId = parsed.GetRequiredValue(EpisodeId),
                Episode = new() { DetainedOn = parsed.GetRequiredValue(DetainedOn), Description = parsed.GetRequiredValue(Description) },
            },
            connection.Call(cancellation));
        return await WriteAsync(parsed, response.Episode);
    }

    private static async Task<int> PastAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).RecordPastDesignationAsync(
            new()
            {
                RequestId = IdOf(parsed),
                Episode = parsed.GetRequiredValue(Episode),
                DesignatedOn = parsed.GetRequiredValue(DesignatedOn),
                ClosedOn = parsed.GetRequiredValue(ClosedOn),
                Source = parsed.GetRequiredValue(Source),
            },
            connection.Call(cancellation));
        return await WriteAsync(parsed, response.Episode);
    }

    private static async Task<int> ProvisionalAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var client = new ReviewService.ReviewServiceClient(connection.Invoker);
        var dossier = (await client.GetDossierAsync(new() { Name = parsed.GetRequiredValue(DossierName) }, connection.Call(cancellation))).Dossier;
        var response = await client.DesignateProvisionallyAsync(
            new() { RequestId = IdOf(parsed), Dossier = dossier.Name, EffectiveOn = parsed.GetRequiredValue(On), Reason = parsed.GetRequiredValue(Reason), Etag = dossier.Etag }, connection.Call(cancellation));
        return await WriteAsync(parsed, response.Episode);
    }

    private static Task<int> RenounceAsync(ParseResult parsed, CancellationToken cancellation) => EndAsync(parsed, DesignationState.Renounced, new()
    {
        DeclaredBy = parsed.GetRequiredValue(DeclaredBy),
        DeclaredOn = parsed.GetRequiredValue(DeclaredOn),
        VerifiedHow = parsed.GetRequiredValue(VerifiedHow),
        Statement = parsed.GetRequiredValue(Statement),
    }, cancellation);

    private static async Task<int> EndAsync(ParseResult parsed, DesignationState state, Renunciation? words, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).EndDesignationAsync(
            new()
            {
                RequestId = IdOf(parsed),
                Episode = parsed.GetRequiredValue(Episode),
                State = state,
                EffectiveOn = parsed.GetRequiredValue(On),
                Reason = parsed.GetRequiredValue(Reason),
                Renunciation = words,
            },
            connection.Call(cancellation));
        return await WriteAsync(parsed, response.Episode);
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Auditor);
        var subject = (await new ReviewService.ReviewServiceClient(connection.Invoker).GetSubjectAsync(new() { Name = parsed.GetRequiredValue(Subject) }, connection.Call(cancellation))).Subject;
        var merged = subject.MergedInto.Length > 0 ? (string[])[$"{subject.Name} turned out to be {subject.MergedInto}"] : [];
        await Answer.WriteAsync(parsed, subject, [.. merged, .. subject.Episodes.SelectMany(Lines)]);
        return ExitCode.Done;
    }

    private static async Task<int> WriteAsync(ParseResult parsed, Episode episode)
    {
        await Answer.WriteAsync(parsed, episode, Lines(episode));
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(Episode episode) =>
    [
        $"{episode.Name}  detained on {episode.DetainedOn}  {episode.DesignationState}",
        .. episode.History.Select(static change => $"  {change.EffectiveOn}  {(change.Label.Length > 0 ? change.Label : change.State.ToString())}  ({change.Publicity})  {change.Reason}"
            + (change.Renunciation is { } words ? $"  (declared by {words.DeclaredBy} on {words.DeclaredOn}; {words.VerifiedHow})" : "")),
    ];

    private static string IdOf(ParseResult parsed) => parsed.GetValue(RequestId) ?? PartnerCommand.FreshId();

    private static Option<string> OneOf(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = $"{description} One of {string.Join(", ", values)}.", Required = true };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
