using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Testing;

namespace Poc.Intake.Tests.Requests;

public sealed class SubmitRequestTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_answered_is_what_was_filed_and_what_is_read_again()
    {
        var partner = await PartnerAsync();
        var message = Filings.Full("subjects/navalny/statements/s1");

        var answer = await partner.SubmitAsync(message);

        var expected = message.Request.Clone();
        (expected.Name, expected.State, expected.ReceivedAt) = (answer.Request.Name, Request.Types.State.Received, answer.Request.ReceivedAt);
        expected.SpeakerStanding = SpeakerStanding.Unverified; // it claims to come from the family
        Assert.Equal(expected, answer.Request);
        Assert.StartsWith($"{partner.Name}/requests/", answer.Request.Name, StringComparison.Ordinal);
        Assert.Equal(answer.Request, await partner.GetAsync(answer.Request.Name));
        Assert.Equal(
            new Receipt
            {
                Name = $"{answer.Request.Name}/receipt",
                RequestId = message.RequestId,
                ReceivedAt = answer.Request.ReceivedAt,
                TextSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Request.Text))),
            },
            answer.Receipt);
    }

    [Fact]
    public async Task A_repetition_gets_the_first_answer_to_the_last_byte_even_after_the_request_moved_on()
    {
        var partner = await PartnerAsync();
        var message = Filings.Full();
        var first = await partner.SubmitAsync(message);
        await partner.SubmitAsync(Filings.Withdraw(first.Request.Name));

        var second = await partner.SubmitAsync(message);

        Assert.Equal(first.ToByteArray(), second.ToByteArray());
        Assert.Equal(Request.Types.State.Withdrawn, (await partner.GetAsync(first.Request.Name)).State);
    }

    [Fact]
    public async Task Thirty_two_twins_at_once_are_one_request_and_one_event()
    {
        var partner = await PartnerAsync();
        await using var replica = await stack.ReplicaAsync();
        var message = Filings.Full();
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var twins = Enumerable.Range(0, 32).Select(async i =>
        {
            await start.Task;
            return (await (partner with { Server = i % 2 == 0 ? partner.Server : replica }).SubmitAsync(message)).ToByteString();
        }).ToList();

        start.SetResult();
        var answers = await Task.WhenAll(twins);

        var name = SubmitRequestResponse.Parser.ParseFrom(Assert.Single(answers.Distinct())).Request.Name;
        Assert.Equal(1, await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE request_id = $1", Guid.Parse(message.RequestId)));
        await HeardAsync(name);
        Assert.Single(await HeardAsync(name));
    }

    [Fact]
    public async Task Another_body_under_the_same_id_is_refused_and_changes_nothing()
    {
        var partner = await PartnerAsync();
        var message = Filings.Delist();
        var first = await partner.SubmitAsync(message);
        var other = message.Clone();
        other.Request.Text += "!";

        var refusal = await partner.SubmitAsync(other).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");

        Assert.Equal(message.RequestId, refusal.Info().Metadata["request_id"]);
        Assert.Equal(message.Request.Text, (await partner.GetAsync(first.Request.Name)).Text);
    }

    [Fact]
    public async Task Two_partners_may_use_the_same_id()
    {
        var message = Filings.Delist();
        var one = await (await PartnerAsync()).SubmitAsync(message);
        var two = await (await PartnerAsync()).SubmitAsync(message);

        Assert.NotEqual(one.Request.Name, two.Request.Name);
    }

    [Fact]
    public async Task What_is_output_only_cannot_be_sent()
    {
        var partner = await PartnerAsync();
        var message = Filings.Delist();
        var tampered = message.Clone();
        tampered.Request.Name = "partners/other/requests/1";
        tampered.Request.State = Request.Types.State.Answered;
        tampered.Request.StateReason = "BECAUSE";
        tampered.Request.Dossier = "dossiers/1";
        tampered.Request.Answer = new Answer { Decision = "decisions/1" };

        var first = await partner.SubmitAsync(tampered);

        Assert.Equal(Request.Types.State.Received, first.Request.State);
        Assert.Equal((first.Request.StateReason, first.Request.Dossier, first.Request.Answer), ("", "", null));
        Assert.Equal(first, await partner.SubmitAsync(message));
    }

    [Fact]
    public async Task Says_everything_that_is_wrong_at_once()
    {
        var partner = await PartnerAsync();

        var refusal = await partner.SubmitAsync(new SubmitRequestRequest { RequestId = "7", Request = new Request { Links = { "nowhere" } } }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["request_id", "request.kind", "request.relation", "request.text", "request.language", "request.links[0]", "request.subject"], refusal.WrongFields());
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused_and_never_mended()
    {
        var partner = await PartnerAsync();
        var bytes = Filings.Delist("ABCDE").ToByteArray();
        bytes[bytes.AsSpan().IndexOf("ABCDE"u8)] = 0xC3;
        var method = new Method<byte[], byte[]>(
            MethodType.Unary, IntakeService.Descriptor.FullName, "SubmitRequest", Marshallers.Create(static b => b, static b => b), Marshallers.Create(static b => b, static b => b));

        using var call = partner.Server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(partner.Headers, cancellationToken: Ended), bytes);

        await call.RefusedAsync(StatusCode.InvalidArgument, "MESSAGE_MALFORMED");
    }

    [Fact]
    public async Task A_cited_statement_must_be_in_the_archive()
    {
        var partner = await PartnerAsync();

        var refusal = await partner.SubmitAsync(Filings.Full("subjects/navalny/statements/s1", "subjects/navalny/statements/s3")).RefusedAsync(StatusCode.NotFound, "CITED_STATEMENT_UNKNOWN");

        Assert.Equal("subjects/navalny/statements/s3", refusal.Info().Metadata["statements"]);
    }

    [Fact]
    public async Task Without_the_archive_only_citations_wait_for_it()
    {
        var own = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var archive = own.Archive;
        await using var intake = await IntakeServer.StartAsync(own with { Bus = await NobodysBusAsync() });
        var partner = await intake.NewPartnerAsync();
        var citing = Filings.Full("subjects/navalny/statements/s1");
        var filed = Filings.Full("subjects/navalny/statements/s2");
        var first = await partner.SubmitAsync(filed);

        await archive.StopAsync();

        var refusal = await partner.SubmitAsync(citing).RefusedAsync(StatusCode.Unavailable, "ARCHIVE_UNAVAILABLE");
        Assert.NotNull(refusal.GetRpcStatus()!.GetDetail<RetryInfo>());
        Assert.Equal(first, await partner.SubmitAsync(filed));
        await partner.SubmitAsync(Filings.Full());
        await archive.StartAgainAsync();
        await Eventually.BecomesTrueAsync(async () => (await partner.SubmitAsync(citing)).Request.Name.Length > 0);
    }

    [Fact]
    public async Task Tells_the_others_without_the_text()
    {
        var partner = await PartnerAsync();
        var message = Filings.Full("subjects/navalny/statements/s1");

        var answer = await partner.SubmitAsync(message);

        var heard = Assert.Single(await HeardAsync(answer.Request.Name));
        Assert.Equal(
            (1, partner.Name, "DESIGNATE", null, "FAMILY", true, "sr-Latn-RS", answer.Receipt.TextSha256, answer.Request.ReceivedAt.ToDateTimeOffset()),
            (heard.Version, heard.Partner, heard.Kind, heard.Subject, heard.Relation, heard.Urgent, heard.Language, heard.TextSha256, heard.OccurredAt));
        Assert.Equal(message.Request.CitedStatements, heard.CitedStatements);
        Assert.Equal(message.Request.Criteria, heard.Criteria);
    }

    private async Task<TestPartner> PartnerAsync() => await (await stack.IntakeAsync()).NewPartnerAsync();

    private async Task<IReadOnlyList<RequestReceived>> HeardAsync(string request)
    {
        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<RequestReceived>().Any(heard => heard.Aggregate == request));
        return [.. others.Heard.OfType<RequestReceived>().Where(heard => heard.Aggregate == request)];
    }

    // A broker that is not there: this Intake must not take messages from the queues of the one that all tests share.
    private static Task<string> NobodysBusAsync() => Task.FromResult("amqp://nobody:nothing@127.0.0.1:1");
}
