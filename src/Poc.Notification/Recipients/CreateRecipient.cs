using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Deliveries;
using Poc.Postgres;

namespace Poc.Notification.Recipients;

/// <summary>Registers somebody who is told of things. A member of staff gets an inbox, and in it the duties that waited for it.</summary>
internal sealed partial class CreateRecipient(IdempotentWrites writes, DeliveryWriter deliveries)
{
    private const int MaxDisplayName = 200;
    private const int MaxLanguage = 35; // RFC 5646, section 4.4.1.

    private const string InsertSql = """
        INSERT INTO recipients (recipient_id, display_name, audience, email, language, staff, synthetic, roles)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT DO NOTHING
        """;

    private static readonly FrozenSet<string> StaffRoles =
    [
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Custodian, Roles.Administrator,
    ];

    private const string InsertInboxSql = "INSERT INTO inboxes (recipient_id) VALUES ($1)";

    public Task<CreateRecipientResponse> HandleAsync(CreateRecipientRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        return writes.OnceAsync(caller, request.RequestId, request, tx => StoreAsync(tx, request), cancellation);
    }

    private async Task<CreateRecipientResponse> StoreAsync(Tx tx, CreateRecipientRequest request)
    {
        var recipient = request.Recipient.Clone();
        recipient.Name = ResourceNames.Recipient(request.RecipientId);
        var email = recipient.Email.Length == 0 ? null : recipient.Email;
        var staff = recipient.Staff.Length == 0 ? null : recipient.Staff;
        var audience = EnumText<Audience>.Of(recipient.Audience);
        var inserted = await tx.ExecuteAsync(
            InsertSql, request.RecipientId, recipient.DisplayName, audience, email, recipient.Language, staff, recipient.Synthetic, recipient.Roles.Distinct().ToArray());
        if (inserted == 0)
        {
            throw NotificationErrors.RecipientExists(recipient.Name);
        }

        if (staff is not null)
        {
            await tx.ExecuteAsync(InsertInboxSql, request.RecipientId);
            await TellDutiesAsync(tx, request.RecipientId, staff, email is not null);
        }

        return new CreateRecipientResponse { Recipient = recipient };
    }

    private async Task TellDutiesAsync(Tx tx, string recipientId, string staff, bool hasMail)
    {
        await WaitingDuties.LockAsync(tx, [staff]);
        Channel[] channels = hasMail ? [Channel.Inbox, Channel.Email] : [Channel.Inbox];
        foreach (var cause in await WaitingDuties.TakeAsync(tx, staff))
        {
            await deliveries.WriteAsync(tx, cause, [.. channels.Select(channel => new NewDelivery(recipientId, channel, NotificationClass.Duty, WaitingDuties.Reason))]);
        }
    }

    /// <summary>Whether the text has the form of a BCP 47 language tag.</summary>
    public static bool IsLanguage(string? tag) => tag is { Length: <= MaxLanguage } && Language().IsMatch(tag);

    private static void Validate(CreateRecipientRequest request)
    {
        var recipient = request.Recipient ?? new Recipient();
        var (isStaff, email) = (recipient.Audience == Audience.Staff, recipient.Email);
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Require(RecipientId().IsMatch(request.RecipientId), "recipient_id", "must be 2 to 60 lower-case letters, digits and hyphens")
            .NotBlank("recipient.display_name", recipient.DisplayName)
            .MaxLength("recipient.display_name", recipient.DisplayName, MaxDisplayName)
            .Require(!recipient.DisplayName.Any(char.IsControl), "recipient.display_name", "must be one line without control characters")
            .Specified("recipient.audience", recipient.Audience)
            .Require(email.Length > 0 || isStaff, "recipient.email", "must be given for everybody but staff")
            .Require(email.Length == 0 || MailAddresses.IsPlain(email), "recipient.email", "must be one plain mail address such as name@example.org")
            .Require(IsLanguage(recipient.Language), "recipient.language", "must be a BCP 47 language such as en or zh-Hant")
            .Require(recipient.Staff.Length > 0 || !isStaff, "recipient.staff", "must be given for staff: it is whose inbox it is");
        violations.Require(isStaff || recipient.Roles.Count == 0, "recipient.roles", "must be given for staff alone");
        for (var i = 0; i < Math.Min(recipient.Roles.Count, StaffRoles.Count + 1); i++)
        {
            violations.Require(StaffRoles.Contains(recipient.Roles[i]), $"recipient.roles[{i}]", "must be a role of staff, such as intake-officer");
        }

        if (recipient.Staff.Length > 0)
        {
            violations.Name("recipient.staff", recipient.Staff, ResourceNames.StaffPattern);
        }

        violations.ThrowIfAny();
    }

    [GeneratedRegex(@"\A[a-z0-9-]{2,60}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RecipientId();

    [GeneratedRegex(@"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Language();
}
