using Poc.Contracts.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>Before the story: who may file, who is told, who is on record, and what was decided earlier.</summary>
internal static class Opening
{
    /// <summary>Sections with their keys, and everybody who is told of something.</summary>
    public static async Task RegisterAsync(Stage stage, CancellationToken cancellation)
    {
        stage.Narrator.Chapter("Before", "Sections, recipients, the register of the past");
        await SectionsAsync(stage, cancellation);
        await RecipientsAsync(stage, cancellation);
    }

    /// <summary>Persons on record, what was decided about them before, and the rules.</summary>
    public static async Task TellAsync(Stage stage, CancellationToken cancellation)
    {
        var (script, narrator) = (stage.Script, stage.Narrator);
        foreach (var subject in script.Subjects.Subjects)
        {
            await SubjectAsync(stage, subject, cancellation);
        }

        foreach (var precedent in script.Precedents.Precedents.Where(static precedent => precedent.DecidedBy is null))
        {
            var recorded = await stage.AskAsync(stage.Review.RecordPrecedentAsync, new RecordPrecedentRequest
            {
                RequestId = StepId.Of($"precedent/{precedent.Id}"),
                PrecedentId = precedent.Id,
                Precedent = new Precedent
                {
                    Title = precedent.Title,
                    Decided = precedent.Decided!.ToMessage(),
                    Outcome = precedent.Outcome,
                    Summary = precedent.Summary,
                    Criteria = { precedent.Criteria },
                },
            }, stage.Staff("approver-a"), cancellation);
            narrator.Tell($"On record as a precedent: {recorded.Precedent.Title}.");
        }

        var protocols = await stage.AskAsync(stage.Review.ListProtocolsAsync, new ListProtocolsRequest(), stage.Staff("chair-a"), cancellation);
        narrator.Answer($"Review knows the rules {string.Join(", ", protocols.Protocols.Select(static protocol => $"{protocol.Name} \"{protocol.Title}\""))}");
    }

    private static async Task SectionsAsync(Stage stage, CancellationToken cancellation)
    {
        var administrator = stage.Staff("administrator-1");
        foreach (var section in stage.Script.People.Sections)
        {
            await stage.AskAsync(stage.Partners.CreatePartnerAsync, new CreatePartnerRequest
            {
                RequestId = StepId.Of($"partner/{section.Id}"),
                PartnerId = section.Id,
                Partner = new Partner { DisplayName = $"Section {section.Id[^2..]} (synthetic)", Kind = Partner.Types.Kind.Section },
            }, administrator, cancellation);
            await stage.AskAsync(stage.Partners.RegisterApiKeyAsync, new RegisterApiKeyRequest
            {
                RequestId = StepId.Of($"partner/{section.Id}/{stage.Credentials.ApiKeyId(section.Id)}"),
                Parent = section.Name,
                ApiKeyId = stage.Credentials.ApiKeyId(section.Id),
                SecretSha256 = Google.Protobuf.ByteString.CopyFrom(stage.Credentials.SecretSha256(section.Id)),
            }, administrator, cancellation);
        }

        stage.Narrator.Tell($"An administrator registers {stage.Script.People.Sections.Count} sections with an API key each; Intake sees the SHA-256 of a key, never the key.");
    }

    private static async Task RecipientsAsync(Stage stage, CancellationToken cancellation)
    {
        var people = stage.Script.People;
        var administrator = stage.Staff("administrator-1");
        ScriptedRecipient[] outside = [.. people.Recipients, .. people.Sections.Select(static section => section.AsRecipient())];
        foreach (var recipient in outside)
        {
            await CreateAsync(recipient.Id, new Recipient
            {
                DisplayName = $"{recipient.Id} (synthetic)",
                Audience = recipient.Audience,
                Email = recipient.Email,
                Language = recipient.Language,
                Synthetic = true,
            });
        }

        // Whoever sits on a panel has an inbox, watched or not.
        var staff = people.Inboxes.Select(static inbox => inbox.Staff)
            .Concat(stage.Script.Reviews.Reviews.SelectMany(static review => review.Panel).Select(static member => member.Staff))
            .Distinct(StringComparer.Ordinal).ToList();
        foreach (var member in staff)
        {
            await CreateAsync(member, new Recipient { DisplayName = $"{member} (synthetic)", Audience = Audience.Staff, Language = "en", Staff = $"staff/{member}", Synthetic = true, Roles = { people.RolesOf(member) } });
        }

        foreach (var inbox in people.Inboxes)
        {
            foreach (var kind in inbox.Events)
            {
                await stage.AskAsync(stage.Notification.CreateSubscriptionAsync, new CreateSubscriptionRequest
                {
                    RequestId = StepId.Of($"subscription/{inbox.Staff}/{kind}"),
                    Parent = ScriptedRecipient.NameOf(inbox.Staff),
                    Subscription = new Subscription { EventKind = kind, Subject = inbox.Subject is null ? "" : $"subjects/{inbox.Subject}", Channels = { Channel.Inbox } },
                }, administrator, cancellation);
            }
        }

        stage.Narrator.Tell($"{outside.Length} recipients outside and {staff.Count} of the staff are registered; {people.Inboxes.Count} inboxes are watched live from here on.");

        Task<CreateRecipientResponse> CreateAsync(string id, Recipient recipient) => stage.AskAsync(
            stage.Notification.CreateRecipientAsync,
            new CreateRecipientRequest { RequestId = StepId.Of($"recipient/{id}"), RecipientId = ScriptedRecipient.NameOf(id)["recipients/".Length..], Recipient = recipient },
            administrator,
            cancellation);
    }

    private static async Task SubjectAsync(Stage stage, ScriptedSubject subject, CancellationToken cancellation)
    {
        await stage.AskAsync(stage.Review.CreateSubjectAsync, new CreateSubjectRequest
        {
            RequestId = StepId.Of($"subject/{subject.Id}"),
            SubjectId = subject.Id,
            Subject = new Subject { NativeName = subject.NativeName, Script = subject.Script, Transliterations = { subject.Transliterations }, Synthetic = subject.Synthetic },
        }, stage.Staff("intake-officer-1"), cancellation);
        // The episode the reviews are about opens with the arrest.
        foreach (var episode in subject.Episodes.Where(episode => episode != stage.Script.MainEpisode))
        {
            await OpenEpisodeAsync(stage, subject, episode, cancellation);
        }

        var past = subject.Episodes.Where(static episode => episode.Past is not null).Select(static episode => $"designated in {episode.Past!.DesignatedOn[..4]}");
        stage.Narrator.Tell($"{subject.NativeName} is on record{(subject.Synthetic ? " (synthetic)" : "")}: {string.Join("; ", past.DefaultIfEmpty("no earlier designation"))}.");
    }

    /// <summary>Opens an episode and takes what the past says about it into the register.</summary>
    public static async Task OpenEpisodeAsync(Stage stage, ScriptedSubject subject, ScriptedEpisode episode, CancellationToken cancellation)
    {
        var opened = await stage.AskAsync(stage.Review.OpenEpisodeAsync, new OpenEpisodeRequest
        {
            RequestId = StepId.Of($"episode/{subject.Id}/{episode.Id}"),
            Parent = subject.Name,
            EpisodeId = episode.Id,
            Episode = new Episode { DetainedOn = episode.DetainedOn, Description = episode.Description },
        }, stage.Staff("intake-officer-1"), cancellation);
        if (episode.Past is { } past)
        {
            await stage.AskAsync(stage.Review.RecordPastDesignationAsync, new RecordPastDesignationRequest
            {
                RequestId = StepId.Of($"episode/{subject.Id}/{episode.Id}/past"),
                Episode = opened.Episode.Name,
                DesignatedOn = past.DesignatedOn,
                ClosedOn = past.ClosedOn,
                Source = past.Source,
            }, stage.Staff("approver-a"), cancellation);
        }
    }
}
