using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests;

/// <summary>Where a server of Intake finds its own servers.</summary>
internal sealed record Surroundings(TestDatabase Database, string Bus, string Redis, Archive Archive);

/// <summary>Intake as it runs in production, on a Kestrel of its own with real servers behind it. Several against the same database are its replicas.</summary>
internal sealed class IntakeServer : IAsyncDisposable
{
    private static readonly KeyPair StaffKey = new();
    private static readonly KeyPair OwnKey = new();
    private static int _partners;

    /// <summary>The key that every replica seals requesters with.</summary>
    public static readonly string SealingKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private readonly WebApplication _app;

    private IntakeServer(WebApplication app, Surroundings surroundings, string grpc, string web)
    {
        (_app, Surroundings, Web, Address) = (app, surroundings, web, grpc);
        Channel = GrpcChannel.ForAddress(grpc);
        Client = new IntakeService.IntakeServiceClient(Channel);
        Admin = new PartnerAdminService.PartnerAdminServiceClient(Channel);
        Attachments = new AttachmentService.AttachmentServiceClient(Channel);
        Bulk = new BulkService.BulkServiceClient(Channel);
        Campaigns = new CampaignService.CampaignServiceClient(Channel);
        Requesters = new RequesterService.RequesterServiceClient(Channel);
        Subjects = new SubjectMatchingService.SubjectMatchingServiceClient(Channel);
        Speakers = new SpeakerService.SpeakerServiceClient(Channel);
        Admissibility = new AdmissibilityService.AdmissibilityServiceClient(Channel);
        Operations = new OperationService.OperationServiceClient(Channel);
    }

    public Surroundings Surroundings { get; }

    public string Address { get; }

    /// <summary>Where it answers HTTP/1.1: health, JSON.</summary>
    public string Web { get; }

    public GrpcChannel Channel { get; }

    public IntakeService.IntakeServiceClient Client { get; }

    public PartnerAdminService.PartnerAdminServiceClient Admin { get; }

    public AttachmentService.AttachmentServiceClient Attachments { get; }

    public BulkService.BulkServiceClient Bulk { get; }

    public CampaignService.CampaignServiceClient Campaigns { get; }

    public RequesterService.RequesterServiceClient Requesters { get; }

    public SubjectMatchingService.SubjectMatchingServiceClient Subjects { get; }

    public SpeakerService.SpeakerServiceClient Speakers { get; }

    public AdmissibilityService.AdmissibilityServiceClient Admissibility { get; }

    public OperationService.OperationServiceClient Operations { get; }

    public TestDatabase Database => Surroundings.Database;

    /// <summary>The public half of Intake's own key, by which the archive knows it.</summary>
    public static string PublicKey => OwnKey.Public;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <param name="surroundings">Its servers.</param>
    /// <param name="settings">Settings beside the usual, <c>Name:Of:Setting</c> and value.</param>
    public static async Task<IntakeServer> StartAsync(Surroundings surroundings, params (string Name, string Value)[] settings)
    {
        var grpc = settings.LastOrDefault(static setting => setting.Name == "Kestrel:Endpoints:grpc:Url").Value ?? $"http://127.0.0.1:{LoopbackPorts.Take()}";
        var web = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        var app = IntakeHost.Build([.. Settings(surroundings, grpc, web, settings).Select(static setting => $"--{setting.Name}={setting.Value}")]);
        await app.StartAsync(Ended);
        return new IntakeServer(app, surroundings, grpc, web);
    }

    /// <summary>The settings of a server.</summary>
    public static IReadOnlyList<(string Name, string Value)> Settings(Surroundings surroundings, string grpc, string web, params (string Name, string Value)[] more) =>
    [
        ("environment", "Development"),
        ("Kestrel:Endpoints:grpc:Url", grpc),
        ("Kestrel:Endpoints:web:Url", web),
        ("ConnectionStrings:intakedb", surroundings.Database.ConnectionString),
        ("ConnectionStrings:bus", surroundings.Bus),
        ("ConnectionStrings:redis", surroundings.Redis),
        ("Staff:DevelopmentKey", StaffKey.Public),
        ("ServiceIdentity:PrivateKey", OwnKey.Private),
        ("services:archive:grpc:0", surroundings.Archive.Address),
        ("RequesterSealing:CurrentKey", "first"),
        ("RequesterSealing:Keys:first", SealingKey),
        ("Logging:LogLevel:Default", "Warning"),
        .. more,
    ];

    /// <summary>A part of the running service.</summary>
    public T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A bearer token of a member of staff.</summary>
    public static Metadata Staff(params string[] roles) => new() { { "authorization", $"Bearer {DevelopmentTokens.Mint(StaffKey.Private, "anna", roles, TimeSpan.FromMinutes(5), TimeProvider.System)}" } };

    /// <summary>The header of an API key.</summary>
    public static Metadata Key(string apiKey) => new() { { "x-api-key", apiKey } };

    /// <summary>A new partner with one API key.</summary>
    public async Task<TestPartner> NewPartnerAsync()
    {
        var id = $"partner-{Interlocked.Increment(ref _partners)}";
        await Admin.CreatePartnerAsync(
            new CreatePartnerRequest { RequestId = Filings.NewId(), PartnerId = id, Partner = new Partner { DisplayName = $"Partner {id}", Kind = Partner.Types.Kind.Section } },
            Staff(Roles.Administrator), cancellationToken: Ended);
        return new TestPartner(this, $"partners/{id}", await NewKeyAsync($"partners/{id}"));
    }

    /// <summary>Registers a key; gives what its holder sends.</summary>
    public async Task<string> NewKeyAsync(string partner)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var id = RandomNumberGenerator.GetHexString(12, lowercase: true);
        await Admin.RegisterApiKeyAsync(
            new RegisterApiKeyRequest { RequestId = Filings.NewId(), Parent = partner, ApiKeyId = id, SecretSha256 = ByteString.CopyFrom(SHA256.HashData(secret)) },
            Staff(Roles.Administrator), cancellationToken: Ended);
        return $"poc_{id}_{Base64Url.EncodeToString(secret)}";
    }

    /// <summary>What <c>/health</c> says of one check.</summary>
    public async Task<string?> HealthOfAsync(string check)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"{Web}/health", Ended);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Ended);
        return body.GetProperty("checks").TryGetProperty(check, out var state) ? state.GetString() : null;
    }

    /// <summary>Stops as an orchestrator would ask it to.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A partner and its key.</summary>
internal sealed record TestPartner(IntakeServer Server, string Name, string ApiKey)
{
    public Metadata Headers => IntakeServer.Key(ApiKey);

    public AsyncUnaryCall<SubmitRequestResponse> SubmitAsync(SubmitRequestRequest message) => Server.Client.SubmitRequestAsync(message, Headers, cancellationToken: TestContext.Current.CancellationToken);

    public async Task<Request> GetAsync(string name) =>
        (await Server.Client.GetRequestAsync(new GetRequestRequest { Name = name }, Headers, cancellationToken: TestContext.Current.CancellationToken)).Request;
}

/// <summary>A P-256 key as configuration carries it.</summary>
internal sealed class KeyPair
{
    public KeyPair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Private = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        Public = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    public string Private { get; }

    public string Public { get; }
}
