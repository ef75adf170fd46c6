using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Amplification;

/// <summary>The amplification events of a subject, oldest act first.</summary>
internal sealed class ListAmplificationEvents(Database database)
{
    private const string Select =
        """
        SELECT id, subject, description, occurred_on, url, statement, synthetic
        FROM amplification_events
        WHERE subject = $1
        ORDER BY occurred_on, id
        """;

    public async Task<ListAmplificationEventsResponse> HandleAsync(ListAmplificationEventsRequest message, ServerCallContext context)
    {
        new Violations().Name("subject", message.Subject, "subjects/{subject}").ThrowIfAny();
        var acts = await database.ReadAsync(
            tx => tx.QueryAsync(
                Select,
                static row => new AmplificationEvent
                {
                    Name = $"amplificationEvents/{row.GetGuid(0):D}",
                    Subject = row.GetString(1),
                    Description = row.GetString(2),
                    OccurredOn = row.GetFieldValue<DateOnly>(3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    Url = row.GetString(4),
                    Statement = row.IsDBNull(5) ? "" : row.GetString(5),
                    Synthetic = row.GetBoolean(6),
                },
                message.Subject),
            context.CancellationToken);
        return new ListAmplificationEventsResponse { AmplificationEvents = { acts } };
    }
}
