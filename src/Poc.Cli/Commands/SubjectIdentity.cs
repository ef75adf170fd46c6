using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary>The part of <c>poc subject</c> that says who a subject is: two people change it, and nothing of before is rewritten.</summary>
internal static class SubjectIdentity
{
    private static readonly Argument<string> Subject = new("subject") { Description = "subjects/{subject}" };
    private static readonly Argument<string> Change = new("change") { Description = "subjects/{subject}/identityChanges/{identity_change}" };
    private static readonly Argument<string> Id = new("id") { Description = "Lower-case letters, digits and hyphens." };
    private static readonly Option<string> NewName = new("--native-name") { Description = "In the person's own script.", Required = true };
    private static readonly Option<string> NewScript = new("--script") { Description = "ISO 15924 code of that script, such as Cyrl.", Required = true };
    private static readonly Option<bool> Synthetic = new("--synthetic") { Description = "Invented for a demonstration or a test." };
    private static readonly Option<string> Into = new("--into") { Description = "The subject under which both are read then.", Required = true };
    private static readonly Option<string> From = new("--from") { Description = "The subject into which it was merged.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "What it rests on; the register shows it where it has the subject.", Required = true };
    private static readonly Option<string?> NativeName = new("--native-name") { Description = "In the person's own script. What is not given stays as it is." };
    private static readonly Option<string?> Script = new("--script") { Description = "ISO 15924 code of that script." };
    private static readonly Option<string[]> Transliterations = new("--transliteration") { Description = "In another script; give it again for each. A correction replaces all of them.", DefaultValueFactory = _ => [] };
    private static readonly Option<string?> BirthDate = new("--birth-date") { Description = "ISO 8601, as far as it is known: 1976, 1976-06, 1976-06-04." };
    private static readonly Option<string?> Note = new("--note") { Description = "What tells this person from others of the name; for staff." };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID: give the same one again to repeat the call safely. Made when missing." };

    public static IEnumerable<Command> Create()
    {
        var create = new Command("create", "Put a person on record (intake officers).") { Id, NewName, NewScript, Transliterations, BirthDate, Note, Synthetic, RequestId };
        create.SetAction(CreateAsync);
        var merge = new Command("merge", "Propose that a subject is the same person as another.") { Subject, Into, Reason, RequestId };
        merge.SetAction(static (parsed, cancellation) => ProposeAsync(parsed, new() { MergedInto = parsed.GetRequiredValue(Into) }, cancellation));
        var separate = new Command("separate", "Propose that a merged subject is another person after all.") { Subject, From, Reason, RequestId };
        separate.SetAction(static (parsed, cancellation) => ProposeAsync(parsed, new() { SeparatedFrom = parsed.GetRequiredValue(From) }, cancellation));
        var correct = new Command("correct", "Propose other names, birth date or note.") { Subject, NativeName, Script, Transliterations, BirthDate, Note, Reason, RequestId };
        correct.SetAction(CorrectAsync);
        var confirm = new Command("confirm-change", "Make a change count that somebody else proposed (approvers).") { Change, RequestId };
        confirm.SetAction(ConfirmAsync);
        var history = new Command("history", "List what was proposed about who a subject is, and what counts.") { Subject };
        history.SetAction(HistoryAsync);
        return [create, merge, separate, correct, confirm, history];
    }

    private static async Task<int> CreateAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.IntakeOfficer);
        var subject = (await new ReviewService.ReviewServiceClient(connection.Invoker).CreateSubjectAsync(
            new()
            {
                RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(),
                SubjectId = parsed.GetRequiredValue(Id),
                Subject = new()
                {
                    NativeName = parsed.GetRequiredValue(NewName),
                    Script = parsed.GetRequiredValue(NewScript),
                    Transliterations = { parsed.GetRequiredValue(Transliterations) },
                    BirthDate = parsed.GetValue(BirthDate) ?? "",
                    IdentityNote = parsed.GetValue(Note) ?? "",
                    Synthetic = parsed.GetValue(Synthetic),
                },
            },
            connection.Call(cancellation))).Subject;
        await Answer.WriteAsync(parsed, subject, $"{subject.Name}  {subject.NativeName}");
        return ExitCode.Done;
    }

    private static async Task<int> ProposeAsync(ParseResult parsed, IdentityChange change, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.IntakeOfficer);
        return await ProposeAsync(parsed, connection, change, cancellation);
    }

    private static async Task<int> ProposeAsync(ParseResult parsed, Connection connection, IdentityChange change, CancellationToken cancellation)
    {
        change.Subject = parsed.GetRequiredValue(Subject);
        change.Reason = parsed.GetRequiredValue(Reason);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).ProposeIdentityChangeAsync(
            new() { RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(), IdentityChange = change }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.IdentityChange, Line(response.IdentityChange));
        return ExitCode.Done;
    }

    private static async Task<int> CorrectAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.IntakeOfficer);
        // A correction says all of the identity anew: what was not given is what it is now.
        var now = (await new ReviewService.ReviewServiceClient(connection.Invoker).GetSubjectAsync(new() { Name = parsed.GetRequiredValue(Subject) }, connection.Call(cancellation))).Subject;
        var spelled = parsed.GetRequiredValue(Transliterations);
        var corrected = new Identity
        {
            NativeName = parsed.GetValue(NativeName) ?? now.NativeName,
            Script = parsed.GetValue(Script) ?? now.Script,
            Transliterations = { spelled.Length > 0 ? spelled : [.. now.Transliterations] },
            BirthDate = parsed.GetValue(BirthDate) ?? now.BirthDate,
            Note = parsed.GetValue(Note) ?? now.IdentityNote,
        };
        return await ProposeAsync(parsed, connection, new() { Corrected = corrected }, cancellation);
    }

    private static async Task<int> ConfirmAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Approver);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).ConfirmIdentityChangeAsync(
            new() { RequestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId(), Name = parsed.GetRequiredValue(Change) }, connection.Call(cancellation));
        var subject = response.Subject;
        await Answer.WriteAsync(parsed, response, [Line(response.IdentityChange), $"{subject.Name}  {subject.NativeName}{(subject.Merged.Count > 0 ? $"  (with {string.Join(", ", subject.Merged)})" : "")}"]);
        return ExitCode.Done;
    }

    private static async Task<int> HistoryAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Auditor);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).ListIdentityChangesAsync(new() { Parent = parsed.GetRequiredValue(Subject) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, [.. response.IdentityChanges.Select(Line), $"{response.IdentityChanges.Count} changes"]);
        return ExitCode.Done;
    }

    private static string Line(IdentityChange change)
    {
        var what = change.ChangeCase switch
        {
            IdentityChange.ChangeOneofCase.MergedInto => $"is {change.MergedInto}",
            IdentityChange.ChangeOneofCase.SeparatedFrom => $"is not {change.SeparatedFrom}",
            _ => $"is {change.Corrected.NativeName}{string.Concat(change.Corrected.Transliterations.Select(static name => $" / {name}"))}{(change.Corrected.BirthDate.Length > 0 ? $", born {change.Corrected.BirthDate}" : "")}",
        };
        return $"{change.Name}  {change.Subject} {what}  {change.Reason}  ({(change.ConfirmedAt is null ? $"proposed by {change.ProposedBy}" : $"since {change.ConfirmedAt.ToDateTimeOffset():u}: {change.ProposedBy}, {change.ConfirmedBy}")})";
    }
}
