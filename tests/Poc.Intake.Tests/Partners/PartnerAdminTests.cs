using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Tests.Partners;

public sealed class PartnerAdminTests(IntakeStack stack)
{
    private static readonly ByteString Digest = ByteString.CopyFrom(new byte[32]);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Administrator => IntakeServer.Staff(Roles.Administrator);

    [Fact]
    public async Task A_partner_is_created_once()
    {
        var admin = (await stack.IntakeAsync()).Admin;
        var message = new CreatePartnerRequest { RequestId = Filings.NewId(), PartnerId = "once-only", Partner = new Partner { DisplayName = "Секция", Kind = Partner.Types.Kind.Organisation } };

        var first = await admin.CreatePartnerAsync(message, Administrator, cancellationToken: Ended);

        Assert.Equal(new Partner { Name = "partners/once-only", DisplayName = "Секция", Kind = Partner.Types.Kind.Organisation }, first.Partner);
        Assert.Equal(first, await admin.CreatePartnerAsync(message, Administrator, cancellationToken: Ended));
        message.RequestId = Filings.NewId();
        await admin.CreatePartnerAsync(message, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.AlreadyExists, "PARTNER_EXISTS");
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("-")]
    [InlineData("---")]
    [InlineData("Upper")]
    [InlineData("a/b/c")]
    [InlineData("")]
    public async Task A_partner_id_that_cannot_be_in_a_name_is_refused(string id)
    {
        var admin = (await stack.IntakeAsync()).Admin;

        var refusal = await admin.CreatePartnerAsync(
            new CreatePartnerRequest { RequestId = Filings.NewId(), PartnerId = id, Partner = new Partner { DisplayName = "\u202Ex" } }, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["partner_id", "partner.display_name", "partner.kind"], refusal.WrongFields());
    }

    [Fact]
    public async Task Partners_are_listed_by_name_page_by_page()
    {
        var intake = await stack.IntakeAsync();
        await intake.NewPartnerAsync();
        await intake.NewPartnerAsync();
        var names = new List<string>();
        var query = new ListPartnersRequest { PageSize = 1 };
        do
        {
            var page = await intake.Admin.ListPartnersAsync(query, Administrator, cancellationToken: Ended);
            names.Add(Assert.Single(page.Partners).Name);
            query.PageToken = page.NextPageToken;
        }
        while (query.PageToken.Length > 0);

        Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
    }

    [Fact]
    public async Task Only_administrators_may()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();

        await intake.Admin.ListPartnersAsync(new ListPartnersRequest(), IntakeServer.Staff(Roles.IntakeOfficer, Roles.Auditor), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        await intake.Admin.ListPartnersAsync(new ListPartnersRequest(), partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        await intake.Admin.ListPartnersAsync(new ListPartnersRequest(), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_MISSING");
    }

    [Fact]
    public async Task A_partner_has_at_most_two_active_keys()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        var second = await intake.NewKeyAsync(partner.Name);
        var third = new RegisterApiKeyRequest { RequestId = Filings.NewId(), Parent = partner.Name, ApiKeyId = "third" + partner.Name.Split('-')[1].PadLeft(4, '0'), SecretSha256 = Digest };

        await intake.Admin.RegisterApiKeyAsync(third, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "API_KEY_LIMIT");
        var name = $"{partner.Name}/apiKeys/{second.Split('_')[1]}";
        var revoked = await intake.Admin.RevokeApiKeyAsync(new RevokeApiKeyRequest { RequestId = Filings.NewId(), Name = name }, Administrator, cancellationToken: Ended);
        Assert.Equal(name, revoked.ApiKey.Name);
        Assert.NotNull(revoked.ApiKey.RevokedAt);
        var first = await intake.Admin.RegisterApiKeyAsync(third, Administrator, cancellationToken: Ended);

        Assert.Equal(($"{partner.Name}/apiKeys/{third.ApiKeyId}", null), (first.ApiKey.Name, first.ApiKey.RevokedAt));
        Assert.Equal(first, await intake.Admin.RegisterApiKeyAsync(third, Administrator, cancellationToken: Ended));
        // Ended again, under another request id: it keeps the time when it ended.
        Assert.Equal(revoked, await intake.Admin.RevokeApiKeyAsync(new RevokeApiKeyRequest { RequestId = Filings.NewId(), Name = name }, Administrator, cancellationToken: Ended));
    }

    [Fact]
    public async Task Two_registrations_at_once_do_not_pass_the_limit()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await intake.NewKeyAsync(partner.Name);
                return "registered";
            }
            catch (RpcException refusal)
            {
                return refusal.Info().Reason;
            }
        }));

        Assert.Equal(["API_KEY_LIMIT", "registered"], outcomes.Distinct().Order(StringComparer.Ordinal));
        Assert.Single(outcomes, "registered");
    }

    [Fact]
    public async Task A_key_id_is_nobody_elses()
    {
        var intake = await stack.IntakeAsync();
        var taken = (await intake.NewPartnerAsync()).ApiKey.Split('_')[1];
        var other = await intake.NewPartnerAsync();

        await intake.Admin.RegisterApiKeyAsync(new RegisterApiKeyRequest { RequestId = Filings.NewId(), Parent = other.Name, ApiKeyId = taken, SecretSha256 = Digest }, Administrator, cancellationToken: Ended)
            .RefusedAsync(StatusCode.AlreadyExists, "API_KEY_EXISTS");
        await intake.Admin.RevokeApiKeyAsync(new RevokeApiKeyRequest { RequestId = Filings.NewId(), Name = $"{other.Name}/apiKeys/{taken}" }, Administrator, cancellationToken: Ended)
            .RefusedAsync(StatusCode.NotFound, "API_KEY_NOT_FOUND");
    }

    [Fact]
    public async Task A_key_needs_a_partner_and_a_digest()
    {
        var admin = (await stack.IntakeAsync()).Admin;

        await admin.RegisterApiKeyAsync(new RegisterApiKeyRequest { RequestId = Filings.NewId(), Parent = "partners/nobody", ApiKeyId = "nobodys", SecretSha256 = Digest }, Administrator, cancellationToken: Ended)
            .RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
        var refusal = await admin.RegisterApiKeyAsync(new RegisterApiKeyRequest { RequestId = "1", Parent = "nobody", ApiKeyId = "No_1", SecretSha256 = ByteString.CopyFromUtf8("secret") }, Administrator, cancellationToken: Ended)
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["request_id", "parent", "api_key_id", "secret_sha256"], refusal.WrongFields());
    }
}
