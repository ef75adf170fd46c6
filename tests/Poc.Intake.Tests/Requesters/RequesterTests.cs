using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requesters;
using Poc.Testing;

namespace Poc.Intake.Tests.Requesters;

public sealed class RequesterTests(IntakeStack stack)
{
    private const string Why = "Her lawyer asks whether she consents; case 7.";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Custodian => IntakeServer.Staff(Roles.Custodian);

    [Fact]
    public async Task Only_a_custodian_opens_the_seal_and_every_opening_is_on_record()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        var message = Filed("Мария Канарейкина");
        var filed = (await partner.SubmitAsync(message)).Request;
        var release = new ReleaseRequesterIdentityRequest { RequestId = Filings.NewId(), Request = filed.Name, Motivation = Why };

        Assert.True(filed.RequesterSealed);
        var first = await intake.Requesters.ReleaseRequesterIdentityAsync(release, Custodian, cancellationToken: Ended);
        var again = await intake.Requesters.ReleaseRequesterIdentityAsync(release, Custodian, cancellationToken: Ended);
        await intake.Requesters.ReleaseRequesterIdentityAsync(new(release) { RequestId = Filings.NewId() }, Custodian, cancellationToken: Ended);

        Assert.Equal(message.Requester, first.Requester);
        Assert.Equal(first, again);
        Assert.Equal(("staff/anna", Why, filed.Name), (first.Release.ReleasedTo, first.Release.Motivation, first.Release.Request));
        var record = await intake.Requesters.ListRequesterReleasesAsync(new() { Request = filed.Name }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended);
        Assert.Equal(2, record.Releases.Count);
        Assert.Contains(first.Release, record.Releases);
        await intake.Requesters.ReleaseRequesterIdentityAsync(new(release) { Motivation = Why + "!" }, Custodian, cancellationToken: Ended).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        Assert.Equal(["motivation"], (await intake.Requesters.ReleaseRequesterIdentityAsync(new(release) { Motivation = "because" }, Custodian, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        foreach (var role in Roles.Staff.Where(static role => role != Roles.Custodian))
        {
            await intake.Requesters.ReleaseRequesterIdentityAsync(release, IntakeServer.Staff(role), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        }

        await intake.Requesters.ReleaseRequesterIdentityAsync(release, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }

    [Fact]
    public async Task What_is_sealed_is_nowhere_else()
    {
        const string Canary = "Канарейка-7f3a91";
        await stack.IntakeAsync();
        await using var intake = await stack.ReplicaAsync(("Logging:LogLevel:Default", "Trace"), ("Logging:Console:LogLevel:Default", "None"));
        var log = new Lines();
        intake.Service<ILoggerFactory>().AddProvider(log);
        var partner = await intake.NewPartnerAsync();
        var message = Filed(Canary);
        message.Requester.Note = $"note {Canary}";

        var answer = await partner.SubmitAsync(message);
        await partner.SubmitAsync(message);
        await partner.SubmitAsync(new(message) { Requester = new Requester { Name = $"{Canary} II" } }).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await partner.SubmitAsync(new(message) { RequestId = "no", Requester = new Requester { Name = Canary + new string('x', 300) } }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        var listed = await partner.Server.Client.ListRequestsAsync(new(), partner.Headers, cancellationToken: Ended);
        var released = await intake.Requesters.ReleaseRequesterIdentityAsync(new() { RequestId = Filings.NewId(), Request = answer.Request.Name, Motivation = Why }, Custodian, cancellationToken: Ended);
        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<RequestReceived>().Any(heard => heard.Aggregate == answer.Request.Name));

        Assert.Equal(Canary, released.Requester.Name);
        Assert.DoesNotContain(Canary, $"{answer}{listed}{await partner.GetAsync(answer.Request.Name)}", StringComparison.Ordinal);
        Assert.DoesNotContain(others.Heard, heard => heard.ToString()!.Contains(Canary, StringComparison.Ordinal));
        Assert.Contains(log.Written, static line => line.Contains("requesterReleases/", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Written, static line => line.Contains(Canary, StringComparison.Ordinal));
        Assert.Empty(await TablesWithAsync(intake.Database, Canary));
        Assert.Equal(["requests"], await TablesWithAsync(intake.Database, answer.Request.Text)); // the search finds what is there in clear
    }

    [Fact]
    public async Task A_repetition_has_the_same_requester()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Filed("Anna");
        var plain = Filings.Delist();

        Assert.Equal(await partner.SubmitAsync(message), await partner.SubmitAsync(message));
        await partner.SubmitAsync(plain);

        await partner.SubmitAsync(new(message) { Requester = null }).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await partner.SubmitAsync(new(plain) { Requester = message.Requester }).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await partner.SubmitAsync(new(message) { Requester = new Requester { Name = "Anne" } }).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task A_request_without_a_requester_has_none_to_release()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request.Name;

        await ReleaseAsync(filed).RefusedAsync(StatusCode.NotFound, "REQUESTER_NOT_SEALED");
        await ReleaseAsync($"{partner.Name}/requests/{Filings.NewId()}").RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");

        AsyncUnaryCall<ReleaseRequesterIdentityResponse> ReleaseAsync(string request) =>
            partner.Server.Requesters.ReleaseRequesterIdentityAsync(new() { RequestId = Filings.NewId(), Request = request, Motivation = Why }, Custodian, cancellationToken: Ended);
    }

    [Fact]
    public async Task Keys_rotate_and_without_a_key_nothing_is_taken_to_be_sealed()
    {
        await stack.IntakeAsync();
        var second = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await using var rotated = await stack.ReplicaAsync(("RequesterSealing:CurrentKey", "second"), ("RequesterSealing:Keys:second", second));
        await using var without = await stack.ReplicaAsync(("RequesterSealing:CurrentKey", ""), ("RequesterSealing:Keys:first", second));
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Filed("Sealed with the first");
        var old = (await partner.SubmitAsync(message)).Request.Name;
        var renewed = (await (partner with { Server = rotated }).SubmitAsync(Filed("Sealed with the second"))).Request.Name;

        Assert.Equal("Sealed with the first", (await ReleaseAsync(rotated, old)).Requester.Name);
        Assert.Equal("Sealed with the second", (await ReleaseAsync(rotated, renewed)).Requester.Name);
        Assert.Equal(old, (await (partner with { Server = rotated }).SubmitAsync(message)).Request.Name);
        await Assert.ThrowsAsync<RpcException>(() => ReleaseAsync(without, old)); // another key under the same id opens nothing
        await (partner with { Server = without }).SubmitAsync(Filed("Nobody")).RefusedAsync(StatusCode.FailedPrecondition, "SEALING_KEY_MISSING");
        await (partner with { Server = without }).SubmitAsync(Filings.Delist());

        async Task<ReleaseRequesterIdentityResponse> ReleaseAsync(IntakeServer replica, string request) =>
            await replica.Requesters.ReleaseRequesterIdentityAsync(new() { RequestId = Filings.NewId(), Request = request, Motivation = Why }, Custodian, cancellationToken: Ended);
    }

    [Fact]
    public void A_seal_opens_only_where_it_was_made()
    {
        var seal = new RequesterSeal(Options.Create(new RequesterSealingOptions { CurrentKey = "k", Keys = { ["k"] = IntakeServer.SealingKey } }));
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var @sealed = seal.Seal(one, new Requester { Name = "A" });

        Assert.Equal("A", seal.Open(one, @sealed).Name);
        Assert.ThrowsAny<CryptographicException>(() => seal.Wrap(other, @sealed, "k"));
        Assert.Equal(@sealed.Content.Length, seal.Seal(one, new Requester { Name = "A much longer name" }).Content.Length);
        Assert.ThrowsAny<CryptographicException>(() => seal.Open(other, @sealed));
        @sealed.Content[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => seal.Open(one, @sealed));
        Assert.ThrowsAny<CryptographicException>(() => seal.Open(one, @sealed with { Content = [] }));
    }

    [Theory]
    [InlineData("k", "k", "c2hvcnQ=", false)]
    [InlineData("k", "other", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false)]
    [InlineData("k", "k", "not base64", false)]
    [InlineData("", "k", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true)]
    [InlineData("k", "k", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true)]
    public void Keys_that_are_none_stop_the_start(string current, string id, string key, bool usable) =>
        Assert.Equal(usable, new RequesterSealingOptions { CurrentKey = current, Keys = { [id] = key } }.AreUsable());

    private static SubmitRequestRequest Filed(string name)
    {
        var message = Filings.Delist($"Text of {Filings.NewId()}. (synthetic)");
        message.Requester = new Requester { Name = name, Contact = "+000" };
        return message;
    }

    // Each row as text, in which bytes are hexadecimal.
    private static async Task<IReadOnlyList<string>> TablesWithAsync(TestDatabase database, string text)
    {
        var tables = await database.ScalarAsync<string[]>("SELECT array_agg(tablename::text ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'");
        var found = new List<string>();
        foreach (var table in tables)
        {
            var hits = await database.ScalarAsync<long>(
                $"SELECT count(*) FROM {table} AS t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0", text, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)));
            if (hits > 0)
            {
                found.Add(table);
            }
        }

        return found;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
