using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Events.StatementArchive.V1;

namespace Poc.Notification.Tests;

/// <summary>Events as the other services publish them.</summary>
internal static class Events
{
    private static readonly string Sha256 = new('0', 64);

    private static int _campaigns;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static RequestReceived RequestReceived(string subject, bool urgent = false) => new(
        Guid.CreateVersion7(), $"partners/section-01/requests/{Guid.CreateVersion7()}", 1, Now,
        "partners/section-01", "DELIST", subject, [], [], "NONE", urgent, "en", Sha256);

    public static CampaignRaised CampaignRaised(string subject) =>
        new(Guid.CreateVersion7(), $"campaigns/{Interlocked.Increment(ref _campaigns)}", 1, Now, [subject], 12, 5, Now, Now, "requests-1");

    public static CampaignRequestsJoined CampaignRequestsJoined(string campaign, long version = 1) =>
        new(Guid.CreateVersion7(), campaign, version, Now, [$"partners/section-01/requests/{Guid.CreateVersion7()}"]);

    public static CampaignContested CampaignContested(string campaign, params string[] subjects) => new(Guid.CreateVersion7(), campaign, 1, Now, subjects);

    public static StatementRecorded StatementRecorded(string subject) => new(Guid.CreateVersion7(), $"{subject}/statements/s1", 1, Now, subject, Sha256, 7);

    public static DossierOpened DossierOpened(string subject) => new(Guid.CreateVersion7(), $"dossiers/{Guid.CreateVersion7()}", 1, Now, "DELIST", subject, null);

    public static PanelSeated PanelSeated(string subject, params string[] members) =>
        new(Guid.CreateVersion7(), $"dossiers/{Guid.CreateVersion7()}", 1, Now, subject, "protocols/v1", members, Now.AddDays(14));

    public static BallotsOpened BallotsOpened(string subject, params string[] members) =>
        new(Guid.CreateVersion7(), $"dossiers/{Guid.CreateVersion7()}", 1, Now, subject, members);

    public static PanelTermEnding PanelTermEnding(string subject, bool lapsed, params string[] members) =>
        new(Guid.CreateVersion7(), $"dossiers/{Guid.CreateVersion7()}", 1, Now, subject, lapsed, members, Now.AddDays(lapsed ? 0 : 2));

    public static DecisionSigned DecisionSigned(string decision, string? corrects = null, string? subject = null, params string[] mandatoryAudiences) => new(
        Guid.CreateVersion7(), decision, 1, Now,
        $"dossiers/{Guid.CreateVersion7()}", subject ?? NotificationStack.NewSubject(), "episodes/e1", "LABEL_WITHDRAWN", "protocols/v1", Sha256, corrects, mandatoryAudiences);

    public static DecisionAnnounced DecisionAnnounced(string subject) =>
        new(Guid.CreateVersion7(), NotificationStack.NewDecision(), 1, Now, $"dossiers/{Guid.CreateVersion7()}", subject, "LABEL_WITHDRAWN", false);

    public static AppealFiled AppealFiled(string subject) =>
        new(Guid.CreateVersion7(), $"dossiers/{Guid.CreateVersion7()}", 1, Now, NotificationStack.NewDecision(), subject);
}
