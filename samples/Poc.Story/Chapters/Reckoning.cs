using System.Globalization;
using Poc.Contracts.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Kernel.Log;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>Asks the services for everything that the story leads one to expect, and sets both side by side. What is expected comes from the data files alone.</summary>
internal sealed class Reckoning(Stage stage, StoryRecord record, Reviews reviews, Announcements announcements, Decisions decisions)
{
    public async Task CompareAsync(IReadOnlyList<InboxWatch> inboxes, CancellationToken cancellation)
    {
        await RequestsAsync(cancellation);
        await StatementsAsync(cancellation);
        await ReviewsAsync(cancellation);
        await DesignationsAsync(cancellation);
        await DeliveriesAsync(cancellation);
        await CampaignsAsync(cancellation);
        await ImpostorsAsync(cancellation);
        await InboxesAsync(inboxes, cancellation);
    }

    private async Task RequestsAsync(CancellationToken cancellation)
    {
        const string Group = "Requests";
        IReadOnlyList<PlannedRequest> planned = [Burst.Urgent(stage.Script), .. Burst.Of(stage.Script), Burst.Late(stage.Script), Burst.Impostor(stage.Script)];
        var all = await Filing.AllAsync(stage, cancellation);
        Compare(Group, "filed", planned.Count, all.Count);
        Compare(Group, "receipts over the very text that was sent", planned.Count, record.Requests.Count - record.WrongReceipts.Count);
        foreach (var fate in planned.GroupBy(static request => (request.State, request.Reason)).OrderBy(static group => group.Key.State))
        {
            var (state, reason) = fate.Key;
            Compare(Group, $"{Wire.Name(state)} {reason}".TrimEnd(), fate.Count(), all.Values.Count(request => request.State == state && request.StateReason == reason));
        }

        Compare(Group, "each in the state meant for it", planned.Count,
            planned.Count(request => all.TryGetValue(request.Key, out var answered) && answered.State == request.State && answered.StateReason == request.Reason));
        foreach (var review in stage.Script.Reviews.Reviews.Where(review => planned.Any(request => request.Review == review.Key)))
        {
            Compare(Group, $"answered by the {review.Key} with {Wire.Name(review.Outcome)}", planned.Count(request => request.Review == review.Key),
                all.Values.Count(request => request.Answer?.Decision == record.Decisions[review.Key] && request.Answer.Outcome == Wire.Name(review.Outcome)));
        }

        Compare(Group, "sections that received some", stage.Script.People.Sections.Count,
            all.Values.Select(static request => request.Name.Split('/')[1]).Distinct().Count());
    }

    private async Task StatementsAsync(CancellationToken cancellation)
    {
        const string Group = "Statements";
        var file = stage.Script.Statements;
        var auditor = new LogAuditor(stage);
        var (archived, unchanged, proven) = (0, 0, 0);
        var problems = new List<string>();
        foreach (var scripted in file.Statements)
        {
            var asked = new GetStatementRequest { Name = file.NameOf(scripted.Id) };
            var statement = (await stage.AskAsync(stage.Archive.GetStatementAsync, asked, stage.Staff("auditor-1"), cancellation)).Statement;
            archived += statement.Text == scripted.Text ? 1 : 0;
            unchanged += LogAuditor.ContentIsUnchanged(statement) ? 1 : 0;
            var problem = await auditor.ProveAsync(
                statement.LogIndex, entry => entry.Kind == LogEntry.Kinds.Statement && entry.Size == System.Text.Encoding.UTF8.GetByteCount(scripted.Text), cancellation);
            proven += problem is null ? 1 : 0;
            if (problem is not null)
            {
                problems.Add($"{scripted.Id}: {problem}");
            }

            Compare(Group, $"{scripted.Id.ToUpperInvariant()}: claims, translations, retraction",
                $"{scripted.Claims.Count}, {Versions(scripted.Translations.CountBy(static translation => translation.Language))}, {Wire.Name(RetractionFold.Of(stage.Script.LedgerOf(scripted)))}",
                $"{statement.Claims.Count}, {Versions(Newest(statement.Translations))}, {Wire.Name(statement.RetractionState)}");
        }

        Compare(Group, "archived as they were sent", file.Statements.Count, archived);
        Compare(Group, "content hashed anew, unchanged", file.Statements.Count, unchanged);
        Compare(Group, "inclusion verified against the signed checkpoint", file.Statements.Count, proven);
        problems.ForEach(stage.Narrator.Aside);

        var citations = file.Statements.Select(statement => new Citation
        {
            Statement = file.NameOf(statement.Id),
            Span = statement.SpanOf(statement.Quotes.Keys.First()),
        }).ToList();
        var findings = await stage.AskAsync(stage.Archive.VerifyCitationsAsync, new VerifyCitationsRequest { Citations = { citations } }, stage.Staff("auditor-1"), cancellation);
        foreach (var (scripted, finding) in file.Statements.Zip(findings.Findings))
        {
            var expected = scripted.Content == ContentKind.UnspecifiedReport ? CitationFinding.Types.Verdict.NotSpecific : CitationFinding.Types.Verdict.Verified;
            Compare(Group, $"{scripted.Id.ToUpperInvariant()} as a citation", Wire.Name(expected), Wire.Name(finding.Verdict));
        }

        static IEnumerable<KeyValuePair<string, int>> Newest(IEnumerable<Translation> translations) =>
            translations.GroupBy(static translation => translation.Language).Select(static group => KeyValuePair.Create(group.Key, group.Max(static translation => translation.Version)));

        static string Versions(IEnumerable<KeyValuePair<string, int>> versions) =>
            string.Join(" ", versions.Select(static entry => $"{entry.Key} v{entry.Value}").Order(StringComparer.Ordinal).DefaultIfEmpty("none"));
    }

    private async Task ReviewsAsync(CancellationToken cancellation)
    {
        var auditor = new LogAuditor(stage);
        var hashes = new List<(string Key, Decision Decision)>();
        foreach (var review in stage.Script.Reviews.Reviews)
        {
            var group = $"Review: {review.Key}";
            var dossier = await reviews.DossierAsync(record.Dossiers[review.Key], cancellation);
            var decision = await reviews.DecisionAsync(record.Decisions[review.Key], cancellation);
            hashes.Add((review.Key, decision));
            Compare(group, "question, protocol", $"{Wire.Name(review.Question)}, {review.Protocol}", $"{Wire.Name(dossier.Question)}, {decision.Protocol}");
            Compare(group, "votes", Reviews.Describe(review.Tally), Reviews.Describe(decision.Tally));
            var ballots = await stage.AskAsync(stage.Review.ListBallotsAsync, new ListBallotsRequest { Dossier = dossier.Name }, stage.Staff("auditor-1"), cancellation);
            Compare(group, "each member's own vote",
                Votes(review.Panel.Select(static member => (member.Staff, member.Choice))), Votes(ballots.Ballots.Select(static ballot => (ballot.Reviewer, ballot.Choice))));
            var assessments = await stage.AskAsync(stage.Review.ListAssessmentsAsync, new ListAssessmentsRequest { Dossier = dossier.Name }, stage.Staff("auditor-1"), cancellation);
            Compare(group, "assessments", review.Panel.Count * review.Assessments.Count, assessments.Assessments.Count);
            Compare(group, "outcome", Wire.Name(review.Outcome), Wire.Name(decision.Outcome));
            Compare(group, "citations", Sorted(review.Citations.Select(static citation => citation.Statement)), Sorted(decision.Citations.Select(static citation => citation.Statement.Split('/')[^1])));
            var dissents = review.Panel.Where(static member => member.Dissent is not null).ToList();
            Compare(group, "dissents, of them without a name",
                $"{dissents.Count}, {dissents.Count(static member => !member.Dissent!.PublishName)}",
                $"{decision.Dissents.Count}, {decision.Dissents.Count(static dissent => dissent.Author.Length == 0)}");
            Compare(group, "signed by", Sorted([$"staff/{review.Chair}", $"staff/{review.Approver}"]), Sorted(decision.Signatures.Select(static signature => signature.Staff)));
            Compare(group, "publicity", Wire.Name(Publicity.Public), Wire.Name(decision.Publicity));
            Compare(group, "requests in the dossier", Filings(review), dossier.Requests.Count);
            if (review.Appeals is { } appealed)
            {
                Compare(group, "corrects the decision of", appealed, record.Decisions.FirstOrDefault(entry => entry.Value == decision.Corrects).Key ?? "none");
            }
        }

        var looks = "votes or assessments of others seen while sealed";
        if (record.SealedLooks > 0)
        {
            Compare("Blind voting", looks, "0", record.SealsBroken.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            stage.Comparison.AddNotAsked("Blind voting", looks, "0", "ballots were open before this run");
        }

        var logged = await stage.Awaiting.UntilAsync(
            "the signed decisions to be hashed into the archive's log",
            () => auditor.EntriesAsync(cancellation),
            entries => hashes.TrueForAll(signed => entries.Any(logged => IsOf(logged.Entry, signed.Decision))),
            entries => $"{hashes.Count(signed => entries.Any(logged => IsOf(logged.Entry, signed.Decision)))} of {hashes.Count}",
            cancellation);
        var proven = 0;
        foreach (var (_, decision) in hashes)
        {
            var index = logged.First(entry => IsOf(entry.Entry, decision)).Index;
            proven += await auditor.ProveAsync(index, entry => IsOf(entry, decision), cancellation) is null ? 1 : 0;
        }

        Compare("Log", "signed decisions proven to be in the log", hashes.Count, proven);

        static bool IsOf(LogEntry entry, Decision decision) =>
            entry.Kind == LogEntry.Kinds.Decision && entry.Sha256 is { } sha256 && decision.ContentSha256.Span.SequenceEqual(sha256);

        static string Votes(IEnumerable<(string Staff, Choice Choice)> votes) =>
            Sorted(votes.Select(static vote => $"{vote.Staff.Split('-')[^1]} {Wire.Name(vote.Choice)}"));
    }

    private async Task DesignationsAsync(CancellationToken cancellation)
    {
        const string Group = "Designations";
        foreach (var scripted in stage.Script.Subjects.Subjects)
        {
            var subject = (await stage.AskAsync(stage.Review.GetSubjectAsync, new GetSubjectRequest { Name = scripted.Name }, stage.Staff("auditor-1"), cancellation)).Subject;
            foreach (var episode in scripted.Episodes)
            {
                var answered = subject.Episodes.SingleOrDefault(candidate => candidate.Name.EndsWith($"/{episode.Id}", StringComparison.Ordinal));
                Compare(Group, $"{scripted.Id} {episode.Id}", Designations.Of(stage.Script, scripted, episode), answered is null ? "none" : Designations.Describe(answered.History));
            }
        }

        var entry = await decisions.RegisterAsync(cancellation);
        // A state of procedure is told with the public change that follows it: in the end the public sees all of it.
        Compare("Register", "what the public sees of it",
            Designations.Of(stage.Script, stage.Script.MainSubject, stage.Script.MainEpisode), Designations.Describe(await decisions.PublicHistoryAsync(cancellation)));
        Compare("Register", "mandates in force",
            Sorted(stage.Script.MainSubject.Mandates.Select(static mandate => mandate.Aim)),
            Sorted(entry.Mandates.Where(static mandate => mandate.InForce).Select(static mandate => mandate.Aim)));
        var precedents = await stage.AskAsync(stage.Review.ListPrecedentsAsync, new ListPrecedentsRequest(), stage.Staff("auditor-1"), cancellation);
        var names = precedents.Precedents.Select(static precedent => precedent.Name).ToHashSet(StringComparer.Ordinal);
        var scriptedPrecedents = stage.Script.Precedents.Precedents;
        var found = scriptedPrecedents.Where(precedent => names.Contains(precedent.DecidedBy is { } key ? record.Decisions[key] : $"precedents/{precedent.Id}"));
        Compare("Register", "precedents", Sorted(scriptedPrecedents.Select(static precedent => precedent.Id)), Sorted(found.Select(static precedent => precedent.Id)));
    }

    private async Task DeliveriesAsync(CancellationToken cancellation)
    {
        var everybody = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var review in stage.Script.Reviews.Reviews)
        {
            var group = $"Deliveries: {review.Key}";
            var plan = await announcements.GetAsync(review, cancellation);
            var deliveries = await stage.Awaiting.UntilAsync(
                $"no delivery of {plan.Name} to be queued",
                () => announcements.DeliveriesAsync(plan.Name, cancellation),
                static deliveries => deliveries.TrueForAll(static delivery => delivery.State != Delivery.Types.State.Queued),
                static deliveries => $"{deliveries.Count(static delivery => delivery.State == Delivery.Types.State.Queued)} queued",
                cancellation);
            everybody[review.Key] = [.. deliveries.Select(static delivery => delivery.Recipient)];
            var leak = plan.LeakMode ? $", leak mode by {Sorted(plan.Overrides.Where(static entry => entry.Wave == 0).Select(static entry => entry.Staff["staff/".Length..]))}" : "";
            Compare(group, "plan", review.Leak is null ? "COMPLETED" : $"COMPLETED, leak mode by {Announcements.Spokesperson}", $"{Wire.Name(plan.State)}{leak}");
            for (var number = 1; number <= review.Plan.Waves.Count; number++)
            {
                var wave = review.Plan.Waves[number - 1];
                var expected = Named(wave).Union(review.Appeals is { } corrected ? CorrectedIn(corrected, wave.Audience) : []).Count();
                var mandatory = review.Leak is null ? wave.Mandatory.Count + (wave.MandatorySections ? stage.Script.People.Sections.Count : 0) : 0;
                var answered = deliveries.Where(delivery => delivery.Wave == number).ToList();
                var acknowledged = answered.Count(static delivery => delivery.State == Delivery.Types.State.Acknowledged);
                var told = acknowledged + answered.Count(static delivery => delivery.State == Delivery.Types.State.Sent);
                Compare(group, $"wave {number}, {Wire.Name(wave.Audience)}: told, of them acknowledged", $"{expected}, {mandatory}", $"{told}, {acknowledged}");
            }

            var twice = deliveries.CountBy(static delivery => (delivery.Recipient, delivery.Channel)).Count(static entry => entry.Value > 1);
            Compare(group, "recipients told twice or given up", 0, twice + deliveries.Count(static delivery => delivery.State == Delivery.Types.State.Dead));
            if (review.Appeals is { } appealed)
            {
                var first = stage.Script.Review(appealed).Plan.Waves.SelectMany(Named).Distinct().Count();
                var reached = everybody[appealed].Count(everybody[review.Key].Contains);
                Compare(group, "the correction reached whoever had the first message", $"{first} of {first}", $"{reached} of {everybody[appealed].Count}");
            }
        }
    }

    // How many campaigns there are depends on the order in which letters happen to arrive: compared is that each part tells the same of them.
    private async Task CampaignsAsync(CancellationToken cancellation)
    {
        const string Group = "Campaigns";
        const string Each = "each";
        var (planned, dossier) = (Burst.Of(stage.Script), record.Dossiers["delisting"]);
        var found = await CampaignsOfAsync(cancellation);
        var members = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var campaign in found)
        {
            members[campaign.Name] = await MembersAsync(campaign.Name, cancellation);
        }

        var held = members.Values.SelectMany(static names => names).ToHashSet(StringComparer.Ordinal);
        Compare(Group, "the burst was noticed", "yes", found.Any(static campaign => campaign.Sources >= 5) ? "yes" : "no");
        Compare(Group, "ordinary requests taken for a part of it", 0, planned.Count(request => request.Wording is null && held.Contains(record.Requests[request.Key])));
        var reviewed = await stage.Awaiting.UntilAsync(
            $"{dossier} to have an entry for each campaign",
            () => reviews.DossierAsync(dossier, cancellation),
            shown => Entries(shown) == Each,
            Entries,
            cancellation);
        Compare(Group, "is one entry of the dossier, with its requests below", Each, Entries(reviewed));
        Compare(Group, "requests in no entry or in two", 0, reviewed.Requests.Count(request => reviewed.Entries.Count(entry => entry.Requests.Contains(request.Request)) != 1));

        var residues = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in reviewed.Entries.Where(static entry => entry.Campaign.Length > 0))
        {
            await ReadResiduesAsync(dossier, entry.Campaign, residues, cancellation);
        }

        var own = planned.Where(request => request is { HasResidue: true, Wording: not null } && held.Contains(record.Requests[request.Key])).ToList();
        var read = own.Count(request => residues.GetValueOrDefault(record.Requests[request.Key], "").Contains(request.Request.Text.Split("\n\n")[2].TrimEnd('.', '?'), StringComparison.Ordinal));
        Compare(Group, "what copies say of their own can be read there", Each, read == own.Count ? Each : $"{read} of {own.Count}");

        string Entries(Dossier shown)
        {
            var inDossier = shown.Requests.Select(static request => request.Request).ToHashSet(StringComparer.Ordinal);
            var wrong = members.Where(campaign => campaign.Value.Exists(inDossier.Contains)
                && !shown.Entries.Where(entry => entry.Campaign == campaign.Key).Select(static entry => entry.Requests.ToHashSet(StringComparer.Ordinal))
                    .Any(below => below.SetEquals(campaign.Value.Where(inDossier.Contains)))).ToList();
            return wrong.Count == 0 ? Each : $"{members.Count - wrong.Count} of {members.Count}";
        }
    }

    private async Task<List<Campaign>> CampaignsOfAsync(CancellationToken cancellation)
    {
        var (found, query) = (new List<Campaign>(), new ListCampaignsRequest { PageSize = 500 });
        do
        {
            var page = await stage.AskAsync(stage.Campaigns.ListCampaignsAsync, query, stage.Staff("auditor-1"), cancellation);
            found.AddRange(page.Campaigns);
            query = new ListCampaignsRequest(query) { PageToken = page.NextPageToken };
        }
        while (query.PageToken.Length > 0);
        return found;
    }

    private async Task<List<string>> MembersAsync(string campaign, CancellationToken cancellation)
    {
        var (names, query) = (new List<string>(), new ListCampaignResiduesRequest { Name = campaign, PageSize = 100 });
        do
        {
            var page = await stage.AskAsync(stage.Campaigns.ListCampaignResiduesAsync, query, stage.Staff("auditor-1"), cancellation);
            names.AddRange(page.Residues.Select(static residue => residue.Request));
            query = new ListCampaignResiduesRequest(query) { PageToken = page.NextPageToken };
        }
        while (query.PageToken.Length > 0);
        return names;
    }

    private async Task ReadResiduesAsync(string dossier, string campaign, Dictionary<string, string> into, CancellationToken cancellation)
    {
        var query = new ListResiduesRequest { Dossier = dossier, Campaign = campaign, PageSize = 100 };
        do
        {
            var page = await stage.AskAsync(stage.Review.ListResiduesAsync, query, stage.Staff("reviewer-a1"), cancellation);
            foreach (var residue in page.Residues)
            {
                into[residue.Request] = residue.Text;
            }

            query = new ListResiduesRequest(query) { PageToken = page.NextPageToken };
        }
        while (query.PageToken.Length > 0);
    }

    private async Task ImpostorsAsync(CancellationToken cancellation)
    {
        const string Group = "Impostors";
        var (impostor, auditor) = (stage.Script.Requests.Impostor, stage.Staff("auditor-1"));
        var letter = (await stage.AskAsync(stage.Intake.GetRequestAsync, new GetRequestRequest { Name = record.Requests["impostor"] }, auditor, cancellation)).Request;
        var checks = (await stage.AskAsync(stage.Speakers.ListSpeakerChecksAsync, new ListSpeakerChecksRequest { Request = letter.Name }, auditor, cancellation)).Checks;
        Compare(Group, "who speaks in the letter, as asked over the registered channel", $"{Wire.Name(impostor.Standing)}, mail {Wire.Name(impostor.Standing)}",
            $"{Wire.Name(letter.SpeakerStanding)}, {string.Join(", ", checks.Select(static check => $"{check.How} {Wire.Name(check.Outcome)}"))}");
        var incidents = (await stage.AskAsync(stage.Speakers.ListImpostorIncidentsAsync, new ListImpostorIncidentsRequest { PageSize = 500 }, auditor, cancellation))
            .Incidents.Where(incident => incident.Subject == stage.Script.MainSubject.Name).ToList();
        Compare(Group, "incidents, by whom they were opened", Sorted(["speakers OPEN", $"staff/{Announcements.Spokesperson} CLOSED"]),
            Sorted(incidents.Select(static incident => $"{incident.OpenedBy} {Wire.Name(incident.State)}")));
        Compare(Group, "the letter's incident names it and whose name was used", $"{letter.Name} {record.Speakers[impostor.Speaker]}",
            incidents.Where(static incident => incident.Request.Length > 0).Select(static incident => $"{incident.Request} {incident.Speaker}").FirstOrDefault() ?? "none");
        var partner = await stage.AskAsync(stage.Admissibility.GetPartnerRecordAsync, new GetPartnerRecordRequest { Partner = $"partners/{impostor.Section}" }, auditor, cancellation);
        Compare(Group, "such requests on the section's record", 1, partner.Record.MismatchCount);
        Compare(Group, "an answer with a code that nobody was mailed", "SPEAKER_CODE_UNKNOWN", record.RefusedCode);
    }

    /// <summary>Each campaign there is must have been told once to those who must know, and to nobody else.</summary>
    private async Task ToldOfCampaignsAsync(string group, InboxWatch inbox, CancellationToken cancellation)
    {
        var roles = stage.Script.People.RolesOf(inbox.Staff);
        var expected = roles.Any(static role => role is "intake-officer" or "panel-chair") ? "each once" : "none";
        var told = await stage.Awaiting.UntilAsync(
            $"{inbox.Staff} to be told of campaigns: {expected}", () => ToldAsync(inbox, cancellation), told => told == expected, static told => told, cancellation);
        Compare(group, "told of campaigns", expected, told);
    }

    private async Task<string> ToldAsync(InboxWatch inbox, CancellationToken cancellation)
    {
        var told = inbox.Items.Where(static item => item.EventKind == EventKind.CampaignRaised).Select(static item => item.Resource).ToList();
        if (told.Count == 0)
        {
            return "none";
        }

        var standing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in told)
        {
            // One that became part of another is that other by now.
            standing.Add((await stage.AskAsync(stage.Campaigns.GetCampaignAsync, new GetCampaignRequest { Name = name }, stage.Staff("auditor-1"), cancellation)).Campaign.Name);
        }

        var missing = (await CampaignsOfAsync(cancellation)).Count(campaign => !standing.Contains(campaign.Name));
        return missing == 0 && told.Distinct(StringComparer.Ordinal).Count() == told.Count ? "each once" : $"{told.Count} times, {missing} missing";
    }

    private async Task InboxesAsync(IReadOnlyList<InboxWatch> inboxes, CancellationToken cancellation)
    {
        foreach (var inbox in inboxes)
        {
            var scripted = stage.Script.People.Inboxes.Single(entry => entry.Staff == inbox.Staff);
            var expected = ExpectedItems(scripted);
            var items = await stage.Awaiting.UntilAsync(
                $"the live inbox of {inbox.Staff} to hold {expected.Values.Sum()} items",
                () => inbox.Failure is { } failure
                    ? throw new StoryStoppedException($"The live inbox of {inbox.Staff} ended: {Refusal.From(failure)} {failure.Status.Detail}", failure)
                    : Task.FromResult(inbox.Items),
                items => items.Count(static item => item.EventKind != EventKind.CampaignRaised) >= expected.Values.Sum(),
                static items => Describe(Count(items)),
                cancellation);
            var group = $"Inbox: {inbox.Staff}";
            Compare(group, "items", Describe(expected), Describe(Count(items)));
            await ToldOfCampaignsAsync(group, inbox, cancellation);
            items = inbox.Items;
            Compare(group, "told twice", 0, items.Count - items.Select(static item => item.EventId).Distinct(StringComparer.Ordinal).Count());
            Compare(group, "live and stored inbox agree", items.Count, await StoredAsync(inbox.Staff, items, cancellation));
        }

        static IEnumerable<KeyValuePair<EventKind, int>> Count(IEnumerable<InboxItem> items) =>
            items.Where(static item => item.EventKind != EventKind.CampaignRaised).CountBy(static item => item.EventKind);

        static string Describe(IEnumerable<KeyValuePair<EventKind, int>> counts)
        {
            var kinds = counts.Where(static entry => entry.Value > 0).OrderBy(static entry => entry.Key).Select(static entry => $"{entry.Value} {Wire.Name(entry.Key)}");
            return string.Join(", ", kinds.DefaultIfEmpty("nothing"));
        }
    }

    /// <summary>What must arrive in an inbox but for campaigns: what its owner subscribed to, the panels they sit on, and what their role must know in any case.</summary>
    private Dictionary<EventKind, int> ExpectedItems(ScriptedInbox inbox)
    {
        var script = stage.Script;
        var seats = script.Reviews.Reviews.Count(review => review.Panel.Exists(member => member.Staff == inbox.Staff));
        var subject = $"subjects/{inbox.Subject}";
        IEnumerable<PlannedRequest> requests = [Burst.Urgent(script), .. Burst.Of(script), Burst.Late(script), Burst.Impostor(script)];
        return Enum.GetValues<EventKind>().Where(static kind => kind is not (EventKind.Unspecified or EventKind.CampaignRaised)).ToDictionary(static kind => kind, kind => kind switch
        {
            // The letter and the call.
            EventKind.ImpostorIncidentOpened => script.People.RolesOf(inbox.Staff).Any(static role => role is "intake-officer" or "spokesperson") ? 2 : 0,
            _ when !inbox.Events.Contains(kind) => kind is EventKind.PanelSeated or EventKind.BallotsOpened ? seats : 0,
            EventKind.RequestReceived => requests.Count(request => request.Request.Subject.Subject == subject),
            EventKind.StatementRecorded => script.Statements.Statements.Count,
            EventKind.AppealFiled => script.Reviews.Reviews.Count(static review => review.Appeals is not null),
            _ => script.Reviews.Reviews.Count,
        });
    }

    /// <summary>How many of the live items the stored inbox has too, when it has no others.</summary>
    private async Task<int> StoredAsync(string staff, IReadOnlyList<InboxItem> live, CancellationToken cancellation)
    {
        var stored = new List<InboxItem>();
        while (true)
        {
            var asked = new ListInboxItemsRequest { AfterCursor = stored.Count == 0 ? 0 : stored[^1].Cursor, PageSize = 500 };
            var page = await stage.AskAsync(stage.Notification.ListInboxItemsAsync, asked, stage.Staff(staff), cancellation);
            if (page.Items.Count == 0)
            {
                break;
            }

            stored.AddRange(page.Items);
        }

        var ids = live.Select(static item => item.EventId).ToHashSet(StringComparer.Ordinal);
        return stored.TrueForAll(item => ids.Contains(item.EventId)) ? stored.Count : -1;
    }

    private int Filings(ScriptedReview review)
    {
        IEnumerable<PlannedRequest> requests = [Burst.Urgent(stage.Script), .. Burst.Of(stage.Script)];
        return requests.Count(request => request.Review == review.Key);
    }

    private IEnumerable<string> Named(ScriptedWave wave) =>
        wave.Recipients.Select(ScriptedRecipient.NameOf).Concat(wave.Sections ? stage.Script.People.Sections.Select(static section => ScriptedRecipient.NameOf(section.Id)) : []);

    private IEnumerable<string> CorrectedIn(string review, Audience audience) =>
        stage.Script.Review(review).Plan.Waves.Where(wave => wave.Audience == audience).SelectMany(Named);

    private static string Sorted(IEnumerable<string> values) => string.Join(", ", values.Order(StringComparer.Ordinal).DefaultIfEmpty("none"));

    private void Compare<T>(string group, string what, T expected, T answered) where T : notnull => stage.Comparison.Add(group, what, expected, answered);
}
