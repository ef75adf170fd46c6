using System.CommandLine;
using System.Globalization;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary>The part of <c>poc archive</c> that keeps evidence: notes, custody, legal holds, erasure, audits.</summary>
internal static class ArchiveKeeping
{
    private static readonly Argument<string> Object = new("name") { Description = "subjects/{subject}/statements/{statement} or captures/{capture}" };
    private static readonly Argument<string> Hold = new("hold") { Description = "legalHolds/{legal_hold}" };
    private static readonly Argument<string> Proposal = new("erasure") { Description = "erasures/{erasure}" };
    private static readonly Argument<string> AuditName = new("audit") { Description = "audits/{audit}; the newest when missing.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Text = new("--text") { Description = "The note. It is part of every export.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", Required = true };

    private static readonly Option<ErasureReason> ErasureFor = new("--reason")
    {
        Description = "Why: LegalOrder, DataSubjectRequest, Danger, UnlawfulContent or RecordedByMistake.",
        Required = true,
    };

    private static readonly Option<string> Language = new("--language") { Description = "BCP 47.", Required = true };
    private static readonly Option<int> Version = new("--version") { Description = "Of the translation.", Required = true };
    private static readonly Option<TranslationState> Verdict = new("--verdict") { Description = "Confirmed or Disputed by a second translator; Upheld or Rejected to decide a dispute.", Required = true };
    private static readonly Option<string> Reviewer = new("--reviewer") { Description = "Handle of who says so: another than the translator, or than who raised the dispute.", Required = true };
    private static readonly Option<string> Because = new("--reason") { Description = "Why; needed unless it is confirmed.", DefaultValueFactory = _ => "" };
    private static readonly Option<StatementLinkKind> LinkKind = new("--kind") { Description = "ShownBy (a capture), RepostOf, ClipOf or NearDuplicateOf (a statement).", Required = true };
    private static readonly Option<string> Target = new("--to") { Description = "The capture or the statement.", Required = true };
    private static readonly Option<string> Authority = new("--authority") { Description = "On whose authority: an order's reference, a policy. Names no person.", Required = true };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait for its end, and show how far it is." };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static IEnumerable<Command> Create()
    {
        var note = new Command("note", "Add a note to a statement or a capture (archivists, reviewers, panel chairs).") { Object, Text, RequestId };
        note.SetAction(NoteAsync);
        yield return note;

        var review = new Command("review-translation", "Confirm or dispute a version of a translation, or decide the dispute (archivists).")
        {
            Object, Language, Version, Verdict, Reviewer, Because, RequestId,
        };
        review.SetAction(ReviewAsync);
        yield return review;

        var link = new Command("link", "Say how a statement belongs to a capture or to another statement (archivists).") { Object, LinkKind, Target, Reason, RequestId };
        link.SetAction(LinkAsync);
        yield return link;

        var similar = new Command("similar", "Statements whose words are much like those of one (archivists, reviewers, panel chairs).") { Object };
        similar.SetAction(SimilarAsync);
        yield return similar;

        var custody = new Command("custody", "What the log says of a statement or a capture, and who that was (archivists, auditors).") { Object };
        custody.SetAction(CustodyAsync);
        yield return custody;

        var transfer = new Command("transfer", "Put on record that a copy was handed to somebody by another way than an export (archivists).") { Object, ArchiveCommand.Recipient, ArchiveCommand.Purpose, RequestId };
        transfer.SetAction(TransferAsync);
        yield return transfer;

        var place = new Command("place", "Forbid the erasure of a statement or a capture.") { Object, Reason, Authority, RequestId };
        place.SetAction(PlaceAsync);
        var lift = new Command("lift", "End a hold, on record.") { Hold, Reason, RequestId };
        lift.SetAction(LiftAsync);
        var holds = new Command("list", "Show the holds of a statement or a capture, lifted ones too.") { Object };
        holds.SetAction(HoldsAsync);
        yield return new Command("hold", "Legal holds (archivists; auditors and administrators read them).") { place, lift, holds };

        var propose = new Command("propose", "Propose to erase a statement or a capture. Nothing happens until somebody else confirms it.") { Object, ErasureFor, Authority, RequestId };
        propose.SetAction(ProposeAsync);
        var confirm = new Command("confirm", "Erase, for good, what somebody else proposed to erase. Its proof and its reason stay.") { Proposal };
        confirm.SetAction(ConfirmAsync);
        var erasures = new Command("list", "Show the newest proposals, and what became of them.");
        erasures.SetAction(ErasuresAsync);
        yield return new Command("erasure", "Erasure by two people (archivists propose; archivists and administrators confirm).") { propose, confirm, erasures };

        var run = new Command("run", "Read the whole log and all that it commits to again, in the background.") { Wait };
        run.SetAction(RunAuditAsync);
        var show = new Command("show", "How far an audit is, and what it found. Ends with 1 when it found something.") { AuditName, Wait };
        show.SetAction(ShowAuditAsync);
        yield return new Command("audit", "Audits of the log (auditors and administrators).") { run, show };
    }

    private static async Task<int> NoteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).AddAnnotationAsync(
            new() { RequestId = Id(parsed), Parent = parsed.GetRequiredValue(Object), Text = parsed.GetRequiredValue(Text) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, $"note {Number(response.Annotation.Number)} of {response.Annotation.Author}");
        return ExitCode.Done;
    }

    private static async Task<int> ReviewAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).ReviewTranslationAsync(
            new()
            {
                RequestId = Id(parsed),
                Parent = parsed.GetRequiredValue(Object),
                Review = new()
                {
                    Language = parsed.GetRequiredValue(Language),
                    Version = parsed.GetRequiredValue(Version),
                    Verdict = parsed.GetRequiredValue(Verdict),
                    Reviewer = parsed.GetRequiredValue(Reviewer),
                    Reason = parsed.GetValue(Because) ?? "",
                },
            },
            connection.Call(cancellation));
        var translation = response.Translation;
        await Answer.WriteAsync(parsed, response, $"{translation.Language} version {Number(translation.Version)}: {translation.State}, {Number(translation.Reviews.Count)} reviews");
        return ExitCode.Done;
    }

    private static async Task<int> LinkAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).LinkStatementAsync(
            new()
            {
                RequestId = Id(parsed),
                Parent = parsed.GetRequiredValue(Object),
                Link = new() { Kind = parsed.GetRequiredValue(LinkKind), Target = parsed.GetRequiredValue(Target), Reason = parsed.GetRequiredValue(Reason) },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, $"{response.Link.Kind} {response.Link.Target}");
        return ExitCode.Done;
    }

    private static async Task<int> SimilarAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).ListSimilarStatementsAsync(new() { Parent = parsed.GetRequiredValue(Object) }, connection.Call(cancellation));
        await Answer.WriteAsync(
            parsed, response,
            [.. response.Statements.Select(static found => string.Create(CultureInfo.InvariantCulture, $"{found.Similarity:0.00}  {found.Name}")), $"{response.Statements.Count} alike"]);
        return ExitCode.Done;
    }

    private static async Task<int> CustodyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var all = new ListCustodyResponse();
        var request = new ListCustodyRequest { Parent = parsed.GetRequiredValue(Object), PageSize = 500 };
        do
        {
            var page = await Client(connection).ListCustodyAsync(request, connection.Call(cancellation));
            all.Events.Add(page.Events);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        await Answer.WriteAsync(
            parsed, all, [.. all.Events.Select(static entry => $"{At(entry.At)}  {entry.Kind,-12}  {entry.Actor}  (log {Number(entry.LogIndex)}){(entry.Handover == HandoverKind.Unspecified ? "" : $"  {entry.Handover} to {entry.Recipient}: {entry.Purpose}")}"), $"{all.Events.Count} entries"]);
        return ExitCode.Done;
    }

    private static async Task<int> TransferAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var answer = await Client(connection).RecordTransferAsync(
            new RecordTransferRequest
            {
                RequestId = Id(parsed),
                Parent = parsed.GetRequiredValue(Object),
                Recipient = parsed.GetRequiredValue(ArchiveCommand.Recipient),
                Purpose = parsed.GetRequiredValue(ArchiveCommand.Purpose),
            }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, answer.Event, $"on record: handed to {answer.Event.Recipient}  (log {Number(answer.Event.LogIndex)})");
        return ExitCode.Done;
    }

    private static async Task<int> PlaceAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).PlaceLegalHoldAsync(
            new()
            {
                RequestId = Id(parsed),
                Parent = parsed.GetRequiredValue(Object),
                Reason = parsed.GetRequiredValue(Reason),
                Authority = parsed.GetRequiredValue(Authority),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, Line(response.LegalHold));
        return ExitCode.Done;
    }

    private static async Task<int> LiftAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).LiftLegalHoldAsync(
            new() { RequestId = Id(parsed), Name = parsed.GetRequiredValue(Hold), Reason = parsed.GetRequiredValue(Reason) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, Line(response.LegalHold));
        return ExitCode.Done;
    }

    private static async Task<int> HoldsAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var response = await Client(connection).ListLegalHoldsAsync(new() { Parent = parsed.GetRequiredValue(Object) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, [.. response.LegalHolds.Select(Line), $"{response.LegalHolds.Count} holds"]);
        return ExitCode.Done;
    }

    private static async Task<int> ProposeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var response = await Client(connection).ProposeErasureAsync(
            new()
            {
                RequestId = Id(parsed),
                Object = parsed.GetRequiredValue(Object),
                Reason = parsed.GetRequiredValue(ErasureFor),
                Authority = parsed.GetRequiredValue(Authority),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, Line(response.Erasure));
        return ExitCode.Done;
    }

    private static async Task<int> ConfirmAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Administrator);
        var response = await Client(connection).ConfirmErasureAsync(new() { Name = parsed.GetRequiredValue(Proposal) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, Line(response.Erasure));
        return ExitCode.Done;
    }

    private static async Task<int> ErasuresAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var response = await Client(connection).ListErasuresAsync(new(), connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, [.. response.Erasures.Select(Line), $"{response.Erasures.Count} proposals"]);
        return ExitCode.Done;
    }

    private static async Task<int> RunAuditAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var audit = (await Client(connection).RunAuditAsync(new(), connection.Call(cancellation))).Audit;
        return await ShowAsync(parsed, connection, audit, cancellation);
    }

    private static async Task<int> ShowAuditAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var audit = (await Client(connection).GetAuditAsync(new() { Name = parsed.GetValue(AuditName) ?? "" }, connection.Call(cancellation))).Audit;
        return await ShowAsync(parsed, connection, audit, cancellation);
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Connection connection, Audit audit, CancellationToken cancellation)
    {
        while (parsed.GetValue(Wait) && audit.FinishedAt is null)
        {
            await Console.Error.WriteLineAsync($"{audit.Name}: {audit.Step}, {Number(audit.Checked)} things read, {Number(audit.FindingCount)} findings");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellation);
            audit = (await Client(connection).GetAuditAsync(new() { Name = audit.Name }, connection.Call(cancellation))).Audit;
        }

        await Answer.WriteAsync(parsed, audit,
        [
            audit.FinishedAt is null
                ? $"{audit.Name}: reads {audit.Step}, {Number(audit.Checked)} things so far"
                : $"{audit.Name}: ended {At(audit.FinishedAt)}, {Number(audit.Checked)} things read",
            .. audit.Findings.Select(static finding => $"  {finding.Subject}: {finding.Problem}"),
            $"{Number(audit.FindingCount)} findings",
        ]);
        return audit.FindingCount == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static string Line(LegalHold hold)
        => $"{hold.Name}  {hold.Object}  {hold.Reason} ({hold.Authority}), {hold.PlacedBy} {At(hold.PlacedAt)}{(hold.LiftedAt is null ? "" : $"; lifted {At(hold.LiftedAt)} by {hold.LiftedBy}: {hold.LiftReason}")}";

    private static string Line(ErasureProposal proposal)
        => $"{proposal.Name}  {proposal.Object}  {proposal.Reason} ({proposal.Authority}), proposed by {proposal.ProposedBy}"
            + (proposal.Erasure is { } erasure ? $"; erased {At(erasure.ErasedAt)}, confirmed by {erasure.ConfirmedBy}" : "; not confirmed");

    private static string At(Google.Protobuf.WellKnownTypes.Timestamp at) => at.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Id(ParseResult parsed) => parsed.GetValue(RequestId) ?? PartnerCommand.FreshId();

    private static StatementArchiveService.StatementArchiveServiceClient Client(Connection connection) => new(connection.Invoker);
}
