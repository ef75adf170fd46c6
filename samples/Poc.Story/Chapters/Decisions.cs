using Poc.Contracts.Intake.V1;
using Poc.Contracts.Review.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>The three decisions: the label is confirmed, withdrawn, and given again.</summary>
internal sealed class Decisions(Stage stage, StoryRecord record, Reviews reviews, Announcements announcements)
{
    public async Task ConfirmAsync(CancellationToken cancellation)
    {
        var review = stage.Script.Review("designation");
        stage.Narrator.Chapter(review.Date, "A panel confirms the label");
        await ConductAsync(review, cancellation);
        await reviews.SignAsync(review, cancellation);
        await announcements.RunAsync(review, cancellation);
        await ShowRegisterAsync(cancellation);
    }

    public async Task WithdrawAsync(CancellationToken cancellation)
    {
        var review = stage.Script.Review("delisting");
        stage.Narrator.Chapter(review.Date, "The decision");
        await ConductAsync(review, cancellation);
        var signed = await reviews.SignAsync(review, cancellation);
        await CompareEmbargoAsync(signed, cancellation);
        await announcements.LeakAsync(review, cancellation);

        stage.Narrator.Chapter(review.AnnouncedOn, "In public");
        await ShowRegisterAsync(cancellation);
        var all = await stage.Awaiting.UntilAsync(
            "everyone who had asked to be answered",
            () => Filing.AllAsync(stage, cancellation),
            all => Burst.Of(stage.Script).Where(planned => planned.Review == review.Key).All(planned => all[planned.Key].State == Request.Types.State.Answered),
            all => $"{all.Values.Count(static request => request.State == Request.Types.State.Answered)} answered",
            cancellation);
        var letters = all.Values.Where(request => request.Answer?.Decision == signed.Name).ToList();
        stage.Narrator.Answer($"Intake: {letters.Count} requests are ANSWERED with {letters[0].Answer.Outcome}, and each section sees that on its own");
    }

    public async Task AppealAsync(CancellationToken cancellation)
    {
        var review = stage.Script.Review("appeal");
        stage.Narrator.Chapter(review.Date, "The appeal");
        var filed = await stage.AskAsync(stage.Review.FileAppealAsync, new FileAppealRequest
        {
            RequestId = StepId.Of("appeal/file"),
            Decision = record.Decisions[review.Appeals!],
            Appellant = review.Appellant,
            Grounds = review.Grounds,
            Criteria = { review.Criteria },
        }, stage.Staff("intake-officer-1"), cancellation);
        record.Dossiers[review.Key] = filed.Dossier.Name;
        stage.Narrator.Tell($"The {review.Appellant} appeals: {review.Grounds}");
        stage.Narrator.Answer($"Review opens {filed.Dossier.Name}; other people will judge");
        await ConductAsync(review, cancellation);
        await reviews.SignAsync(review, cancellation);
        await announcements.RunAsync(review, cancellation);
        await ShowRegisterAsync(cancellation);
    }

    private async Task ConductAsync(ScriptedReview review, CancellationToken cancellation)
    {
        await reviews.AttachAsync(review, cancellation);
        await reviews.HearAsync(review, cancellation);
        await reviews.SeatAsync(review, cancellation);
        await reviews.VoteAsync(review, cancellation);
        await reviews.DraftAsync(review, cancellation);
        await announcements.PrepareAsync(review, cancellation);
    }

    /// <summary>A signed decision is in no public answer before its recipients were told.</summary>
    private async Task CompareEmbargoAsync(Decision signed, CancellationToken cancellation)
    {
        const string What = "delisting: the register under embargo";
        if (signed.Publicity != Publicity.Embargoed)
        {
            stage.Comparison.AddNotAsked("Register", What, "silent", "public before this run");
            return;
        }

        var history = await PublicHistoryAsync(cancellation);
        // Neither the decision nor that a panel sat: the last thing said is that the label is given.
        var silent = history is [.., { State: DesignationState.Designated }] && !history.Exists(change => change.Decision == signed.Name);
        stage.Comparison.Add("Register", What, "silent", silent ? "silent" : "SHOWS THE DECISION");
        stage.Narrator.Tell($"Signed and under embargo: the public register {(silent ? "does not show it yet" : "SHOWS IT ALREADY")}.");
    }

    private async Task ShowRegisterAsync(CancellationToken cancellation)
    {
        var entry = await RegisterAsync(cancellation);
        var history = Episode(entry).History;
        stage.Narrator.Answer($"public register: {Designations.Describe(history)}; mandates in force: {string.Join(", ", entry.Mandates.Select(static mandate => mandate.Aim))}");
    }

    public async Task<List<DesignationChange>> PublicHistoryAsync(CancellationToken cancellation) => [.. Episode(await RegisterAsync(cancellation)).History];

    public async Task<RegisterEntry> RegisterAsync(CancellationToken cancellation) => (await stage.AskAsync(
        stage.Register.GetRegisterEntryAsync, new GetRegisterEntryRequest { Name = $"register/{stage.Script.MainSubject.Id}" }, stage.Anyone, cancellation)).Entry;

    private Episode Episode(RegisterEntry entry) => entry.Episodes.Single(episode => episode.Name.EndsWith($"/{stage.Script.MainEpisode.Id}", StringComparison.Ordinal));
}
