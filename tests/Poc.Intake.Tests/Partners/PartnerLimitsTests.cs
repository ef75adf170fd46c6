using System.Globalization;
using System.Net;
using System.Reflection;
using Google.Rpc;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

/// <summary>What a partner may call, and how much of it.</summary>
public sealed class PartnerLimitsTests(IntakeStack stack)
{
    // What is set acts at once.
    private static readonly (string, string) AtOnce = ("Intake:ApiKeyCache", "00:00:00");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Administrator => IntakeServer.Staff(Roles.Administrator);

    [Fact]
    public async Task Where_nothing_is_set_they_are_the_services_own()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        var limits = await GetAsync(partner);

        Assert.Equal(LimitsInEffect.Classes, limits.ClassLimits.Select(static limit => limit.MethodClass));
        Assert.All(limits.ClassLimits, static limit => Assert.False(limit.Denied));
        Assert.All(limits.ClassLimits, static limit => Assert.Equal(limit.MethodClass == MethodClass.Submit ? (1_000, 2_000) : (0, 0), (limit.PerSecond, limit.Burst)));
        Assert.Equal((false, null, ""), (limits.KeysSubmitOnly, limits.SetAt, limits.SetBy));
    }

    [Fact]
    public async Task What_is_set_is_in_effect_until_it_is_set_again_and_all_of_it_stays_on_record()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Setting(partner, new ClassLimit { MethodClass = MethodClass.Read, PerSecond = 0.5, Burst = 7 }, new ClassLimit { MethodClass = MethodClass.Watch, Denied = true });
        message.Limits.KeysSubmitOnly = true;

        var answer = await partner.Server.Admin.SetPartnerLimitsAsync(message, Administrator, cancellationToken: Ended);

        Assert.Equal(answer, await partner.Server.Admin.SetPartnerLimitsAsync(message, Administrator, cancellationToken: Ended));
        Assert.Equal(answer.Limits, await GetAsync(partner));
        Assert.Equal((true, "staff/anna"), (answer.Limits.KeysSubmitOnly, answer.Limits.SetBy));
        Assert.Equal((0.5, 7), Of(answer.Limits, MethodClass.Read));
        Assert.Equal((1_000, 2_000), Of(answer.Limits, MethodClass.Submit));
        Assert.Equal([MethodClass.Watch], answer.Limits.ClassLimits.Where(static limit => limit.Denied).Select(static limit => limit.MethodClass));
        await SetAsync(partner);
        Assert.Equal((0, 0), Of(await GetAsync(partner), MethodClass.Read));
        Assert.Equal(2, await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM partner_limits WHERE 'partners/' || partner_id = $1", partner.Name));
    }

    [Fact]
    public async Task A_closed_class_is_closed_on_every_replica_within_five_seconds_and_the_others_are_not()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await using var replica = await stack.ReplicaAsync();
        var elsewhere = partner with { Server = replica };
        await ListAsync(partner);
        await ListAsync(elsewhere);

        await SetAsync(partner, new ClassLimit { MethodClass = MethodClass.Read, Denied = true });

        await Task.WhenAll(new[] { partner, elsewhere }.Select(static caller => InEffect.WithinFiveSecondsAsync(() => ReasonAsync(() => ListAsync(caller)), "METHOD_CLASS_DENIED")));
        Assert.Equal("READ", (await ListAsync(partner).RefusedAsync(StatusCode.PermissionDenied, "METHOD_CLASS_DENIED")).Info().Metadata["method_class"]);
        await partner.SubmitAsync(Filings.Delist());
        using var http = new HttpClient { BaseAddress = new Uri(partner.Server.Web) };
        http.DefaultRequestHeaders.Add("x-api-key", partner.ApiKey);
        using var refused = await http.GetAsync("/v1/requests", Ended);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await SetAsync(partner);
        await InEffect.WithinFiveSecondsAsync(() => ReasonAsync(() => ListAsync(partner)), null);
    }

    [Fact]
    public async Task Replicas_share_the_quota_of_a_class_and_a_refusal_names_it()
    {
        await using var one = await stack.ReplicaAsync(AtOnce);
        await using var two = await stack.ReplicaAsync(AtOnce);
        await SharedAsync(one);
        await SharedAsync(two);
        var partner = await one.NewPartnerAsync();
        await SetAsync(partner, new ClassLimit { MethodClass = MethodClass.Read, PerSecond = 0.01, Burst = 3 });
        await ListAsync(partner);
        await ListAsync(partner with { Server = two });
        await ListAsync(partner);

        var refusal = await ListAsync(partner with { Server = two }).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");

        await ListAsync(partner).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");
        Assert.Equal(("READ", "3"), (refusal.Info().Metadata["method_class"], refusal.Info().Metadata["burst"]));
        Assert.Equal((partner.Name, "READ: 0.01 a second, 3 at once"), refusal.GetRpcStatus()!.GetDetail<QuotaFailure>()!.Violations.Select(static violation => (violation.Subject, violation.Description)).Single());
        Assert.InRange(long.Parse(refusal.Trailers.GetValue("grpc-retry-pushback-ms")!, CultureInfo.InvariantCulture), 1, 100_000);
        await partner.SubmitAsync(Filings.Delist());
    }

    [Fact]
    public async Task Without_Redis_each_replica_counts_by_itself_and_what_has_no_quota_is_not_refused()
    {
        var shared = (await stack.IntakeAsync()).Surroundings;
        await using var alone = await IntakeServer.StartAsync(shared with { Redis = "127.0.0.1:1" }, AtOnce);
        var partner = await alone.NewPartnerAsync();
        await SetAsync(partner, new ClassLimit { MethodClass = MethodClass.Read, PerSecond = 0.01, Burst = 2 });
        await ListAsync(partner);
        await ListAsync(partner);

        await ListAsync(partner).RefusedAsync(StatusCode.ResourceExhausted, "QUOTA_EXCEEDED");

        await SetAsync(partner);
        for (var i = 0; i < 20; i++)
        {
            await ListAsync(partner);
        }
    }

    [Fact]
    public async Task A_burst_beyond_a_partners_own_quota_is_stored_to_the_last_request_by_coming_back_as_told()
    {
        await using var replica = await stack.ReplicaAsync(AtOnce);
        var partner = await replica.NewPartnerAsync();
        await SetAsync(partner, new ClassLimit { MethodClass = MethodClass.Submit, PerSecond = 1, Burst = 2 });
        var refused = 0;

        // All at once, so that there is a burst on a slow machine too.
        var names = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var message = Filings.Delist();
            while (true)
            {
                try
                {
                    return (await partner.SubmitAsync(message)).Request.Name;
                }
                catch (RpcException refusal) when (refusal.StatusCode == StatusCode.ResourceExhausted)
                {
                    Assert.Equal("SUBMIT", refusal.Info().Metadata["method_class"]);
                    Interlocked.Increment(ref refused);
                    await Task.Delay(refusal.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan(), TimeProvider.System, Ended);
                }
            }
        }));

        Assert.Equal(8, names.Distinct().Count());
        Assert.InRange(refused, 1, 100);
        Assert.Equal(8, (await partner.Server.Client.ListRequestsAsync(new ListRequestsRequest(), partner.Headers, cancellationToken: Ended)).TotalSize);
    }

    [Fact]
    public async Task Keys_for_filing_alone_file_and_a_certificate_reads()
    {
        await using var tls = await TlsIntake.StartAsync(stack, AtOnce);
        var partner = await tls.Server.NewPartnerAsync();
        using var certificate = await tls.RegisterAsync(partner.Name);
        using var channel = tls.Connect(certificate);
        var message = Setting(partner);
        message.Limits.KeysSubmitOnly = true;
        await tls.Server.Admin.SetPartnerLimitsAsync(message, Administrator, cancellationToken: Ended);

        var filed = await partner.SubmitAsync(Filings.Delist());

        await ListAsync(partner).RefusedAsync(StatusCode.PermissionDenied, "CERTIFICATE_REQUIRED");
        Assert.Equal(filed.Request.Name, Assert.Single((await new IntakeService.IntakeServiceClient(channel).ListRequestsAsync(new ListRequestsRequest(), cancellationToken: Ended)).Requests).Name);
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Setting(
            partner, new ClassLimit(), new ClassLimit { MethodClass = MethodClass.Read, PerSecond = double.NaN, Burst = -1 }, new ClassLimit { MethodClass = MethodClass.Read, PerSecond = 2_000_000, Burst = 5 },
            new ClassLimit { MethodClass = MethodClass.Submit, PerSecond = 5 });

        var refusal = await partner.Server.Admin.SetPartnerLimitsAsync(message, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(
            [
                "limits.class_limits[0].method_class", "limits.class_limits[1].per_second", "limits.class_limits[1].burst", "limits.class_limits[2].method_class",
                "limits.class_limits[2].per_second", "limits.class_limits[3].burst",
            ],
            refusal.WrongFields());
        await partner.Server.Admin.SetPartnerLimitsAsync(new SetPartnerLimitsRequest { RequestId = Filings.NewId(), Name = "partners/nobody/limits", Limits = new PartnerLimits() }, Administrator, cancellationToken: Ended)
            .RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
        await partner.Server.Admin.GetPartnerLimitsAsync(new GetPartnerLimitsRequest { Name = "partners/nobody/limits" }, Administrator, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
    }

    [Fact]
    public void Every_method_of_partners_has_its_class() =>
        Assert.Empty(typeof(IntakeHost).Assembly.GetTypes().Where(static type => type.Name.EndsWith("Grpc", StringComparison.Ordinal)).SelectMany(Unclassed));

    [Fact]
    public void The_rule_finds_a_method_without_a_class() => Assert.Equal([nameof(Uncounted.Forgotten)], Unclassed(typeof(Uncounted)));

    private static IEnumerable<string> Unclassed(Type service) => service.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(static method => method.GetCustomAttribute<AllowAttribute>() is { } allow && allow.Roles.Contains(Roles.Partner) && method.GetCustomAttribute<CountsAsAttribute>() is null)
        .Select(static method => method.Name);

    private static (double PerSecond, int Burst) Of(PartnerLimits limits, MethodClass methodClass)
    {
        var limit = limits.ClassLimits.Single(limit => limit.MethodClass == methodClass);
        return (limit.PerSecond, limit.Burst);
    }

    private static SetPartnerLimitsRequest Setting(TestPartner partner, params ClassLimit[] classes) =>
        new() { RequestId = Filings.NewId(), Name = $"{partner.Name}/limits", Limits = new PartnerLimits { ClassLimits = { classes } } };

    private static async Task SetAsync(TestPartner partner, params ClassLimit[] classes) =>
        await partner.Server.Admin.SetPartnerLimitsAsync(Setting(partner, classes), Administrator, cancellationToken: Ended);

    private static async Task<PartnerLimits> GetAsync(TestPartner partner) =>
        (await partner.Server.Admin.GetPartnerLimitsAsync(new GetPartnerLimitsRequest { Name = $"{partner.Name}/limits" }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended)).Limits;

    private static async Task ListAsync(TestPartner partner) => await partner.Server.Client.ListRequestsAsync(new ListRequestsRequest(), partner.Headers, cancellationToken: Ended);

    private static async Task<string?> ReasonAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (RpcException refusal)
        {
            return refusal.Info().Reason;
        }
    }

    // A replica counts by itself until it has connected; and its first round trip may take longer than it waits.
    private static async Task SharedAsync(IntakeServer server)
    {
        await Eventually.BecomesTrueAsync(async () => await server.HealthOfAsync("redis") == "Healthy");
        await (await server.NewPartnerAsync()).SubmitAsync(Filings.Delist());
    }

    private sealed class Uncounted
    {
        [Allow(Roles.Partner)]
        public void Forgotten()
        {
        }

        [Allow(Roles.Partner)]
        [CountsAs(MethodClass.Read)]
        public void Counted()
        {
        }

        [Allow(Roles.Auditor)]
        public void Staffs()
        {
        }
    }
}
