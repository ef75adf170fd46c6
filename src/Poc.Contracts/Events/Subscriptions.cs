using System.Collections.Frozen;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Events.StatementArchive.V1;

namespace Poc.Contracts.Events;

/// <summary>
/// Which services take which events. Whoever publishes an event makes the queues of its takers too, so that nothing is lost on a service that has not started
/// once yet. An architecture test keeps this and the services' consumers equal.
/// </summary>
public static class Subscriptions
{
    private const string Intake = "intake";
    private const string Archive = "archive";
    private const string Review = "review";
    private const string Notification = "notification";

    private static readonly FrozenDictionary<System.Type, string[]> Takers = new Dictionary<System.Type, string[]>
    {
        [typeof(RequestReceived)] = [Review, Notification],
        [typeof(RequestWithdrawn)] = [Review],
        [typeof(SpeakerAsked)] = [Notification],
        [typeof(ImpostorIncidentOpened)] = [Notification],
        [typeof(RequestSubjectConfirmed)] = [Review],
        [typeof(AmplificationEventRecorded)] = [Review],
        [typeof(CampaignRaised)] = [Review, Notification],
        [typeof(CampaignRequestsJoined)] = [Review, Notification],
        [typeof(CampaignMerged)] = [Review],
        [typeof(CampaignClassified)] = [Review],
        [typeof(CampaignContested)] = [Review, Notification],
        [typeof(StatementRecorded)] = [Notification],
        [typeof(LogAlarmRaised)] = [Notification],
        [typeof(DossierOpened)] = [Notification],
        [typeof(AdmissibilityDecided)] = [Intake],
        [typeof(SubjectRecorded)] = [Intake],
        [typeof(SubjectCorrected)] = [Intake],
        [typeof(PanelSeated)] = [Notification],
        [typeof(BallotsOpened)] = [Notification],
        [typeof(PanelTermEnding)] = [Notification],
        [typeof(DecisionSigned)] = [Archive, Notification],
        [typeof(DecisionAnnounced)] = [Intake, Notification],
        [typeof(AppealFiled)] = [Notification],
        [typeof(RecipientPlanCompleted)] = [Review],
    }.ToFrozenDictionary();

    /// <summary>The services that take an event, by the names their queues begin with; none for an event nobody takes yet.</summary>
    public static IReadOnlyList<string> Of(System.Type @event) => Takers.GetValueOrDefault(@event) ?? [];
}
