using Google.Protobuf.WellKnownTypes;
using Poc.Cli.Commands;
using Poc.Contracts.Intake.V1;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class CampaignsStaffTests
{
    private static readonly Timestamp Day = new DateTimeOffset(2021, 2, 3, 12, 0, 0, TimeSpan.Zero).ToTimestamp();

    [Fact]
    public void A_campaign_is_shown_with_evidence_other_explanations_and_everything_persons_said()
    {
        var shown = new GetCampaignResponse
        {
            Campaign = new Campaign
            {
                Name = "campaigns/1",
                Requests = 12,
                Sources = 9,
                FirstAt = Day,
                LastAt = Day,
                RaisedAt = Day,
                FoundBy = "wording",
                Detector = "requests-1",
                AdjustedP = 0.00012,
                Subjects = { "subjects/a" },
                Classification = CampaignClassification.SharedReaction,
                Contests = 1,
            },
            ChanceRate = 0.0005,
            OrganisationSources = 1,
            IndividualSources = 8,
            Timeline = new CampaignTimeline
            {
                Step = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                UsualPerStep = 0.25,
                UsualSeen = Duration.FromTimeSpan(TimeSpan.FromDays(14)),
                Steps = { new CampaignTimeline.Types.Step { StartsAt = Day, Requests = 10, Others = 3 }, new CampaignTimeline.Types.Step { StartsAt = Day, Requests = 2 } },
            },
            Wordings = { new CampaignWording { Languages = { "en" }, Requests = 12, Passages = { "take this name off" }, Residues = { new CampaignResidue { Words = 3 }, new CampaignResidue() } } },
            Explanations = { new CampaignExplanation { Name = "quotation", Holds = false, Detail = "Less than half is one quotation." } },
            Amplifications =
            {
                new CampaignAmplification { Grounds = { "time", "url" }, OccurredOn = "2021-01-19", DaysBefore = 15, Url = "https://example.org/v", Description = "A repost.", SharedWords = 2 },
            },
            Classifications =
            {
                new CampaignClassificationEntry { Campaign = "campaigns/2", Classification = CampaignClassification.Suspected, Reasons = "Copies.", ClassifiedBy = "staff/a", ClassifiedAt = Day },
                new CampaignClassificationEntry { Campaign = "campaigns/1", Classification = CampaignClassification.SharedReaction, Reasons = "A broadcast.", ClassifiedBy = "staff/b", ClassifiedAt = Day },
            },
            Contests = { new CampaignContest { Campaign = "campaigns/1", Partner = "partners/p", Reason = "Our members.", ContestedAt = Day } },
        };

        Assert.Equal(
            """
            campaigns/1  12 similar requests from 9 independent sources  SharedReaction, contested by 1
            about        subjects/a
            received     2021-02-03 12:00:00Z to 2021-02-03 12:00:00Z, raised 2021-02-03 12:00:00Z by its wording (rules requests-1)
            chance       adjusted p 0.00012; two unrelated letters are that similar once in 2,000
            before       no request of like wording
            sources      1 organisations, 8 individuals
            timeline     by 1 h; usual before it: 0.25 in its languages, of 14 days seen
                         2021-02-03 12:00Z     10 ######################################## and 3 others
                         2021-02-03 12:00Z      2 ######## and 0 others
            wording 1    12 requests in en, 1 of them with something of their own
                         "take this name off"
            explanation  quotation: does not hold. Less than half is one quotation.
            amplified    2021-01-19, 15 days before the first: A repost. https://example.org/v (linked by time, url; at most 2 words in a row in common)
            classified   2021-02-03 12:00:00Z  Suspected by staff/a, as campaigns/2: Copies.
            classified   2021-02-03 12:00:00Z  SharedReaction by staff/b: A broadcast.
            contested    2021-02-03 12:00:00Z  partners/p: Our members.
            """.ReplaceLineEndings("\n"),
            string.Join('\n', CampaignsStaff.Lines(shown)));
    }
}
