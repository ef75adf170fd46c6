using Poc.Contracts.Notification.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>The approved text behind a reference. A message of a subscription, or of a plan that nobody prepared, has none.</summary>
internal sealed class GetAnnouncement(Database database)
{
    private const string TextsSql = """
        SELECT t.language, t.text, r.language
        FROM deliveries d
        JOIN recipients r ON r.recipient_id = d.recipient_id
        JOIN plan_texts t ON t.decision_id = d.decision_id AND t.audience = r.audience
        WHERE d.reference_sha256 = $1
        ORDER BY t.language
        """;

    public async Task<GetAnnouncementResponse> HandleAsync(GetAnnouncementRequest request, CancellationToken cancellation)
    {
        new Violations().NotBlank("reference", request.Reference).MaxLength("reference", request.Reference, AcknowledgeDelivery.MaxReference).ThrowIfAny();
        var texts = await database.ReadAsync(
            tx => tx.QueryAsync(
                TextsSql,
                static row => (Text: new LocalizedText { Language = row.GetString(0), Text = row.GetString(1) }, Wanted: row.GetString(2)),
                DeliveryWriter.Sha256(request.Reference)),
            cancellation);
        if (texts.Count == 0)
        {
            throw NotificationErrors.ReferenceUnknown();
        }

        var language = Languages.Choose(texts[0].Wanted, [.. texts.Select(static text => text.Text.Language)]);
        return new GetAnnouncementResponse { Text = texts.First(text => text.Text.Language == language).Text };
    }
}
