using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Campaigns;

/// <summary>Declares a form letter of the calling partner.</summary>
internal sealed partial class RegisterTemplate(IdempotentWrites writes, TimeProvider clock)
{
    private const int MaxText = 20_000;
    private const int MaxTemplates = 200;
    private const int FewestWords = 6;

    private const string Insert =
        "INSERT INTO campaign_templates (partner_id, template_id, text, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_campaign_templates DO NOTHING";

    private const string Count = "SELECT count(*)::integer FROM campaign_templates WHERE partner_id = $1";

    public Task<RegisterTemplateResponse> HandleAsync(RegisterTemplateRequest message, ServerCallContext context)
    {
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(TemplateId.IsMatch(message.TemplateId), "template_id", "must be 3 to 40 characters of a-z, 0-9 and -")
            .Require(message.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length >= FewestWords || message.Text.Length > MaxText, "text", $"must have at least {FewestWords} words: a shorter one cannot be recognised")
            .MaxLength("text", message.Text, MaxText)
            .Require(RequestRules.IsStorable(message.Text), "text", "must not have the character U+0000 nor half of a surrogate pair")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message, context.Caller().Id), context.CancellationToken);
    }

    private async Task<RegisterTemplateResponse> WriteAsync(Tx tx, RegisterTemplateRequest message, string caller)
    {
        var partner = caller["partners/".Length..];
        var now = clock.GetUtcNow();
        var name = $"{caller}/templates/{message.TemplateId}";
        if (await tx.ScalarAsync<int>(Count, partner) >= MaxTemplates)
        {
            throw IntakeErrors.TemplateLimit(MaxTemplates);
        }

        return await tx.ExecuteAsync(Insert, partner, message.TemplateId, message.Text, now) == 1
            ? new RegisterTemplateResponse { Template = new DeclaredTemplate { Name = name, Text = message.Text, CreatedAt = now.ToTimestamp() } }
            : throw IntakeErrors.TemplateExists(name);
    }

    [GeneratedRegex("^[a-z0-9-]{3,40}$", RegexOptions.CultureInvariant)]
    private static partial Regex TemplateId { get; }
}
