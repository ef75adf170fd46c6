using System.Collections.Frozen;

namespace Poc.Grpc;

/// <summary>Who a caller can be. The values are what tokens carry in the claim <c>role</c>.</summary>
public static class Roles
{
    /// <summary>Anybody, without a credential.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>An organisation with credentials in Intake.</summary>
    public const string Partner = "partner";

    /// <summary>A person on a recipient plan, who acknowledges and reads an inbox.</summary>
    public const string Recipient = "recipient";

    /// <summary>Staff: registers partners, decides on admissibility.</summary>
    public const string IntakeOfficer = "intake-officer";

    /// <summary>Staff: records statements, translations and retraction entries.</summary>
    public const string Archivist = "archivist";

    /// <summary>Staff: assesses statements and casts ballots.</summary>
    public const string Reviewer = "reviewer";

    /// <summary>Staff: opens dossiers, seats panels, drafts decisions.</summary>
    public const string PanelChair = "panel-chair";

    /// <summary>Staff: signs decisions.</summary>
    public const string Approver = "approver";

    /// <summary>Staff: runs recipient plans and announces.</summary>
    public const string Spokesperson = "spokesperson";

    /// <summary>Staff: reads everything that may be read, changes nothing.</summary>
    public const string Auditor = "auditor";

    /// <summary>Staff: opens the seal on requesters' identities, and nothing else.</summary>
    public const string Custodian = "custodian";

    /// <summary>Staff: operates the system.</summary>
    public const string Administrator = "administrator";

    /// <summary>The service Intake.</summary>
    public const string ServiceIntake = ServicePrefix + "intake";

    /// <summary>The service Review.</summary>
    public const string ServiceReview = ServicePrefix + "review";

    /// <summary>The service Notification.</summary>
    public const string ServiceNotification = ServicePrefix + "notification";

    internal const string ServicePrefix = "service-";

    /// <summary>
    /// The roles a staff token can give. Any other value in it gives nothing: a staff provider must not be able to make partners or services.
    /// </summary>
    public static IReadOnlySet<string> Staff { get; } = FrozenSet.ToFrozenSet(
        [Recipient, IntakeOfficer, Archivist, Reviewer, PanelChair, Approver, Spokesperson, Auditor, Custodian, Administrator], StringComparer.Ordinal);
}
