using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>
/// One review from its statements to its signatures, in the steps that the chapters tell. A step whose effect is already on record is not repeated: writes to
/// a dossier carry the etag that was seen, so that a second run could not send the same message again.
/// </summary>
internal sealed class Reviews(Stage stage, StoryRecord record)
{
    /// <summary>Names the statements the panel must assess, and shows that the unspecified one is refused.</summary>
    public async Task AttachAsync(ScriptedReview review, CancellationToken cancellation)
    {
        if (review.Statements.Count == 0)
        {
            return;
        }

        var file = stage.Script.Statements;
        var officer = stage.Staff("intake-officer-1");
        foreach (var statement in file.Statements.Where(static statement => statement.Content == ContentKind.UnspecifiedReport))
        {
            var refusal = await RefusedAsync(review.Key, $"{review.Key}/attach/{statement.Id}", stage.Review.AttachStatementsAsync, (dossier, requestId) =>
                new AttachStatementsRequest { RequestId = requestId, Dossier = dossier.Name, Statements = { file.NameOf(statement.Id) }, Etag = dossier.Etag }, officer, cancellation);
            stage.Narrator.Tell($"Somebody wants {statement.Id.ToUpperInvariant()} before the panel: {statement.Text}");
            Show(refusal);
            CompareRefusal(review, $"attaching {statement.Id.ToUpperInvariant()}", refusal, Dossier.Types.State.Gathering, "STATEMENT_NOT_CITABLE");
        }

        var attached = await ChangeAsync(
            record.Dossiers[review.Key],
            $"{review.Key}/attach",
            dossier => Task.FromResult(review.Statements.All(statement => dossier.Statements.Contains(file.NameOf(statement)))),
            (dossier, requestId) => stage.AskAsync(stage.Review.AttachStatementsAsync, new AttachStatementsRequest
            {
                RequestId = requestId,
                Dossier = dossier.Name,
                Statements = { review.Statements.Select(file.NameOf) },
                Etag = dossier.Etag,
            }, officer, cancellation),
            cancellation);
        stage.Narrator.Tell($"Before the panel: {string.Join(", ", attached.Statements.Select(static name => name.Split('/')[^1].ToUpperInvariant()))}.");
    }

    /// <summary>Puts the opportunity to reply on record.</summary>
    public async Task HearAsync(ScriptedReview review, CancellationToken cancellation)
    {
        var reply = review.RightOfReply;
        await ChangeAsync(
            record.Dossiers[review.Key],
            $"{review.Key}/reply",
            static dossier => Task.FromResult(dossier.RightOfReply is not null),
            (dossier, requestId) => stage.AskAsync(stage.Review.RecordRightOfReplyAsync, new RecordRightOfReplyRequest
            {
                RequestId = requestId,
                Dossier = dossier.Name,
                RightOfReply = new RightOfReply { Given = reply.Given, Reason = reply.Reason, Dated = reply.Dated },
                Etag = dossier.Etag,
            }, stage.Staff(review.Chair), cancellation),
            cancellation);
        stage.Narrator.Tell($"Right of reply ({reply.Dated}), {(reply.Given ? "given" : "not given")}: {reply.Reason}");
    }

    /// <summary>Seats the panel under its protocol; who must not sit on it is refused first.</summary>
    public async Task SeatAsync(ScriptedReview review, CancellationToken cancellation)
    {
        if (review.RefusedMember is { } former)
        {
            var refusal = await RefusedAsync(review.Key, $"{review.Key}/seat/{former}", stage.Review.SeatPanelAsync, (dossier, requestId) => new SeatPanelRequest
            {
                RequestId = requestId,
                Dossier = dossier.Name,
                Protocol = review.Protocol,
                Members = { review.Panel.SkipLast(1).Select(static member => $"staff/{member.Staff}").Append($"staff/{former}") },
                Etag = dossier.Etag,
            }, stage.Staff(review.Chair), cancellation);
            stage.Narrator.Tell($"{former}, who decided the first time, is proposed for the panel.");
            Show(refusal);
            CompareRefusal(review, "seating a former decider", refusal, Dossier.Types.State.Gathering, "PANEL_MEMBER_CONFLICTED");
        }

        var seated = await ChangeAsync(
            record.Dossiers[review.Key],
            $"{review.Key}/seat",
            static dossier => Task.FromResult(dossier.Panel.Count > 0),
            (dossier, requestId) => stage.AskAsync(stage.Review.SeatPanelAsync, new SeatPanelRequest
            {
                RequestId = requestId,
                Dossier = dossier.Name,
                Protocol = review.Protocol,
                Members = { review.Panel.Select(static member => $"staff/{member.Staff}") },
                Etag = dossier.Etag,
            }, stage.Staff(review.Chair), cancellation),
            cancellation);
        stage.Narrator.Tell($"The panel sits under {seated.Protocol}: {string.Join(", ", seated.Panel.Select(static member => member.Staff["staff/".Length..]))}.");
    }

    /// <summary>Everybody assesses and votes; in between, everybody who could be curious looks, and must see nothing of others.</summary>
    public async Task VoteAsync(ScriptedReview review, CancellationToken cancellation)
    {
        var dossier = record.Dossiers[review.Key];
        var (looks, broken) = (0, 0);
        foreach (var member in review.Panel)
        {
            foreach (var assessment in review.Assessments)
            {
                await stage.AskAsync(stage.Review.CastAssessmentAsync, new CastAssessmentRequest
                {
                    RequestId = StepId.Of($"{review.Key}/assessment/{member.Staff}/{assessment.Statement}"),
                    Dossier = dossier,
                    Assessment = assessment.ToMessage(
                        stage.Script.Statements.NameOf(assessment.Statement), record.SearchRecords.GetValueOrDefault(assessment.Statement, ""), member.Lean),
                }, stage.Staff(member.Staff), cancellation);
            }

            await stage.AskAsync(stage.Review.CastBallotAsync, new CastBallotRequest
            {
                RequestId = StepId.Of($"{review.Key}/ballot/{member.Staff}"),
                Dossier = dossier,
                Ballot = new Ballot { Choice = member.Choice, Reason = member.Reason },
            }, stage.Staff(member.Staff), cancellation);
            foreach (var curious in review.Panel.Where(other => other != member).Select(static other => other.Staff).Append(review.Chair))
            {
                if (await LookAsync(dossier, curious, cancellation) is { } seen)
                {
                    looks++;
                    broken += seen;
                }
            }
        }

        record.SealedLooks += looks;
        record.SealsBroken += broken;
        var open = await stage.Awaiting.UntilAsync(
            $"the ballots of {dossier} to be open",
            () => stage.AskAsync(stage.Review.ListBallotsAsync, new ListBallotsRequest { Dossier = dossier }, stage.Staff(review.Chair), cancellation),
            static ballots => ballots.Open,
            static ballots => $"{ballots.CastCount} cast",
            cancellation);
        if (review.Assessments.Count > 0)
        {
            stage.Narrator.Tell($"{review.Panel.Count} members assess {review.Assessments.Count} statements by the six Rabat factors, each alone, and seal their vote.");
        }

        if (looks > 0)
        {
            stage.Narrator.Tell($"{looks} times somebody on the panel or its chair looks at the votes of others before all are in.");
            stage.Narrator.Answer(broken == 0 ? "they see their own and nothing else" : $"{broken} SEALED VOTES OR ASSESSMENTS OF OTHERS WERE SHOWN");
        }

        foreach (var ballot in open.Ballots)
        {
            stage.Narrator.Tell($"   {ballot.Reviewer["staff/".Length..]}: {Wire.Name(ballot.Choice)}. {ballot.Reason}");
        }

        stage.Narrator.Answer($"open: {Describe(open.Tally)}");
        await DissentAsync(review, dossier, cancellation);
    }

    /// <summary>Drafts the decision; a draft that cites the unspecified statement is refused first where there are statements at all.</summary>
    public async Task<Decision> DraftAsync(ScriptedReview review, CancellationToken cancellation)
    {
        var chair = stage.Staff(review.Chair);
        foreach (var (citation, told, reason) in review.Statements.Count > 0 ? Uncitable() : [])
        {
            var refusal = await RefusedAsync(review.Key, $"{review.Key}/draft/{reason}", stage.Review.DraftDecisionAsync, (dossier, requestId) =>
            {
                var draft = Draft(review);
                draft.Citations.Add(citation);
                return new DraftDecisionRequest { RequestId = requestId, Dossier = dossier.Name, Decision = draft, Etag = dossier.Etag };
            }, chair, cancellation);
            stage.Narrator.Tell($"A draft {told}.");
            Show(refusal);
            CompareRefusal(review, $"a draft that {told}", refusal, reason == "FIELD_INVALID" ? null : Dossier.Types.State.BallotsOpen, reason);
        }

        var drafted = await ChangeAsync(
            record.Dossiers[review.Key],
            $"{review.Key}/draft",
            static dossier => Task.FromResult(dossier.Decision.Length > 0),
            (dossier, requestId) => stage.AskAsync(
                stage.Review.DraftDecisionAsync,
                new DraftDecisionRequest { RequestId = requestId, Dossier = dossier.Name, Decision = Draft(review), Etag = dossier.Etag },
                chair,
                cancellation),
            cancellation);
        record.Decisions[review.Key] = drafted.Decision;
        var decision = await DecisionAsync(drafted.Decision, cancellation);
        stage.Narrator.Tell($"The chair drafts {Short(decision.Name)}: {decision.Reasons}");
        foreach (var citation in decision.Citations)
        {
            var span = citation.Span.Text;
            stage.Narrator.Tell($"   cites {citation.Statement.Split('/')[^1].ToUpperInvariant()}, code points {span.Start} to {span.End}: \"{span.Exact}\"");
        }

        stage.Narrator.Answer($"the outcome follows from the ballots: {Wire.Name(decision.Outcome)}");
        return decision;
    }

    /// <summary>Two people in two roles sign; the archive verifies every citation again at each signature.</summary>
    public async Task<Decision> SignAsync(ScriptedReview review, CancellationToken cancellation)
    {
        foreach (var staff in (string[])[review.Chair, review.Approver])
        {
            await SignAsAsync(review, staff, cancellation);
        }

        var signed = await DecisionAsync(record.Decisions[review.Key], cancellation);
        var signatures = string.Join(" and ", signed.Signatures.Select(static signature => $"{signature.Staff["staff/".Length..]} as {signature.Role}"));
        stage.Narrator.Tell($"Signed by {signatures}{(signed.Citations.Count > 0 ? "; the archive proved every citation again at each signature" : "")}.");
        stage.Narrator.Answer($"in force, {Wire.Name(signed.Publicity)}; SHA-256 of what was signed: {Convert.ToHexStringLower(signed.ContentSha256.Span)[..12]}…");
        return signed;
    }

    public async Task<Decision> DecisionAsync(string name, CancellationToken cancellation) =>
        (await stage.AskAsync(stage.Review.GetDecisionAsync, new GetDecisionRequest { Name = name }, stage.Staff("auditor-1"), cancellation)).Decision;

    public async Task<Dossier> DossierAsync(string name, CancellationToken cancellation) =>
        (await stage.AskAsync(stage.Review.GetDossierAsync, new GetDossierRequest { Name = name }, stage.Staff("auditor-1"), cancellation)).Dossier;

    /// <summary>Writes to a dossier with the etag seen a moment ago, until the effect is on record; gives the dossier as it is then.</summary>
    /// <param name="name">The dossier.</param>
    /// <param name="step">Names the step.</param>
    /// <param name="isDone">The effect is there, from this run or an earlier one.</param>
    /// <param name="write">Sends the write for the dossier as seen, under that request id.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Dossier> ChangeAsync(string name, string step, Func<Dossier, Task<bool>> isDone, Func<Dossier, string, Task> write, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var dossier = await DossierAsync(name, cancellation);
            if (await isDone(dossier))
            {
                return dossier;
            }

            try
            {
                // The etag is part of the step's id: after a mismatch the message is another one.
                await write(dossier, StepId.Of($"{step}@{dossier.Etag}"));
            }
            catch (RpcException problem) when (attempt < 20 && Refusal.From(problem).Reason == "ETAG_MISMATCH")
            {
                // Something joined the dossier in between: look again.
            }
        }
    }

    public static string Describe(Tally tally) => $"{tally.ForCount} for, {tally.AgainstCount} against, {tally.AbstainCount} abstaining, of {tally.EligibleCount}";

    public static string Short(string name) => name.Length > 20 ? $"{name[..20]}…" : name;

    private async Task SignAsAsync(ScriptedReview review, string staff, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var decision = await DecisionAsync(record.Decisions[review.Key], cancellation);
            if (decision.Signatures.Any(signature => signature.Staff == $"staff/{staff}"))
            {
                return;
            }

            try
            {
                await stage.AskAsync(
                    stage.Review.SignDecisionAsync,
                    new SignDecisionRequest { RequestId = StepId.Of($"{review.Key}/sign/{staff}@{decision.Etag}"), Name = decision.Name, Etag = decision.Etag },
                    stage.Staff(staff),
                    cancellation);
            }
            catch (RpcException problem) when (attempt < 20 && Refusal.From(problem).Reason == "ETAG_MISMATCH")
            {
                // The other signature came in between: look again.
            }
        }
    }

    private async Task DissentAsync(ScriptedReview review, string dossier, CancellationToken cancellation)
    {
        foreach (var member in review.Panel.Where(static member => member.Dissent is not null))
        {
            var recorded = await stage.AskAsync(stage.Review.RecordDissentAsync, new RecordDissentRequest
            {
                RequestId = StepId.Of($"{review.Key}/dissent/{member.Staff}"),
                Dossier = dossier,
                Text = member.Dissent!.Text,
                PublishName = member.Dissent.PublishName,
            }, stage.Staff(member.Staff), cancellation);
            stage.Narrator.Tell($"A dissent is kept with the decision{(recorded.Dissent.Author.Length == 0 ? ", without the author's name" : "")}: {recorded.Dissent.Text}");
        }

        if (review.Concern is { } concern)
        {
            await stage.AskAsync(stage.Review.RecordConcernAsync, new RecordConcernRequest
            {
                RequestId = StepId.Of($"{review.Key}/concern"),
                Dossier = dossier,
                Text = concern.Text,
                Anonymous = concern.Anonymous,
            }, stage.Staff(concern.Staff), cancellation);
            stage.Narrator.Tell($"A concern is put on record{(concern.Anonymous ? ", anonymously" : "")}: {concern.Text}");
        }
    }

    /// <summary>What somebody sees of others before ballots are open; null once they are.</summary>
    private async Task<int?> LookAsync(string dossier, string staff, CancellationToken cancellation)
    {
        var assessments = await stage.AskAsync(stage.Review.ListAssessmentsAsync, new ListAssessmentsRequest { Dossier = dossier }, stage.Staff(staff), cancellation);
        var ballots = await stage.AskAsync(stage.Review.ListBallotsAsync, new ListBallotsRequest { Dossier = dossier }, stage.Staff(staff), cancellation);
        return assessments.Open || ballots.Open
            ? null
            : assessments.Assessments.Count(assessment => assessment.Reviewer != $"staff/{staff}") + ballots.Ballots.Count(ballot => ballot.Reviewer != $"staff/{staff}")
                + (ballots.Tally is null or { ForCount: 0, AgainstCount: 0, AbstainCount: 0 } ? 0 : 1);
    }

    private Decision Draft(ScriptedReview review)
    {
        var file = stage.Script.Statements;
        return new Decision
        {
            Dossier = record.Dossiers[review.Key],
            Reasons = review.Reasons,
            Citations =
            {
                review.Citations.Select(citation => new Citation
                {
                    Statement = file.NameOf(citation.Statement),
                    Span = file.Statements.Single(statement => statement.Id == citation.Statement).SpanOf(citation.Quote),
                }),
            },
            Precedents =
            {
                review.Precedents.Select(comparison => new PrecedentComparison
                {
                    Precedent = comparison.Precedent is { } precedent ? $"precedents/{precedent}" : record.Decisions[comparison.DecidedBy!],
                    Departs = comparison.Departs,
                    Because = comparison.Because,
                }),
            },
            PressureDisclosure = review.PressureDisclosure,
            HarmForecast = review.HarmForecast,
            EffectiveOn = review.EffectiveOn,
        };
    }

    /// <summary>Two ways to cite the statement that nobody specifies: without any words, and with the words of the report about it.</summary>
    private IEnumerable<(Citation Citation, string Told, string Reason)> Uncitable()
    {
        var file = stage.Script.Statements;
        foreach (var statement in file.Statements.Where(static statement => statement.Content == ContentKind.UnspecifiedReport))
        {
            var id = statement.Id.ToUpperInvariant();
            yield return (new Citation { Statement = file.NameOf(statement.Id) }, $"cites {id} without any words", "FIELD_INVALID");
            var report = new Citation { Statement = file.NameOf(statement.Id), Span = statement.SpanOf(statement.Quotes.Keys.First()) };
            yield return (report, $"cites {id} by the report about it", "CITATION_REFUSED");
        }
    }

    /// <summary>Sends to a dossier what must be refused, with its etag as of now; gives the state it was in and the refusal.</summary>
    private async Task<(Dossier.Types.State State, Refusal? Refusal)> RefusedAsync<TRequest, TResponse>(
        string review, string step, Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method, Func<Dossier, string, TRequest> request, Metadata headers,
        CancellationToken cancellation)
    {
        while (true)
        {
            var dossier = await DossierAsync(record.Dossiers[review], cancellation);
            var refusal = await stage.AskInVainAsync(method, request(dossier, StepId.Of($"{step}@{dossier.Etag}")), headers, cancellation);
            if (refusal?.Reason != "ETAG_MISMATCH")
            {
                return (dossier.State, refusal);
            }
        }
    }

    private void Show((Dossier.Types.State State, Refusal? Refusal) tried) =>
        stage.Narrator.Answer(tried.Refusal is { } refusal ? $"refused: {refusal}. {refusal.Message}" : "NOT REFUSED");

    // When the record is beyond the state in which the rule can be seen, the request is refused all the same, but for another reason.
    private void CompareRefusal(ScriptedReview review, string what, (Dossier.Types.State State, Refusal? Refusal) tried, Dossier.Types.State? visibleIn, string reason)
    {
        const string Group = "Refusals";
        if (tried.Refusal is { } refusal && visibleIn is { } state && tried.State != state && refusal.Reason != reason)
        {
            stage.Comparison.AddNotAsked(Group, $"{review.Key}: {what}", reason, $"{refusal.Reason} by now");
            return;
        }

        stage.Comparison.Add(Group, $"{review.Key}: {what}", reason, tried.Refusal?.Reason ?? "NOT REFUSED");
    }
}
