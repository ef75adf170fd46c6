namespace Poc.Notification;

/// <summary>Between resource names on the wire and ids in the database.</summary>
internal static class ResourceNames
{
    public const string RecipientPattern = "recipients/{recipient}";
    public const string PlanPattern = "recipientPlans/{decision}";
    public const string DecisionPattern = "decisions/{decision}";
    public const string SubjectPattern = "subjects/{subject}";
    public const string StaffPattern = "staff/{staff}";

    public static string Recipient(string id) => $"recipients/{id}";

    public static string Subscription(string recipientId, Guid id) => $"recipients/{recipientId}/subscriptions/{id}";

    public static string Plan(string decisionId) => $"recipientPlans/{decisionId}";

    public static string Decision(string id) => $"decisions/{id}";

    public static string Delivery(Guid id) => $"deliveries/{id}";

    /// <summary>What follows the last slash: the id in a name of two segments.</summary>
    public static string Id(string name) => name[(name.LastIndexOf('/') + 1)..];
}
