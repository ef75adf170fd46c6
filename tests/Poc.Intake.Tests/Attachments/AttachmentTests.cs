using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;
using static Poc.Contracts.Intake.V1.Attachment.Types;

namespace Poc.Intake.Tests.Attachments;

public sealed class AttachmentTests(IntakeStack stack)
{
    private const string Count = "SELECT count(*) FROM attachment_chunks WHERE attachment = $1";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_announced_sent_checked_filed_handed_to_the_archive_and_read_again()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var bytes = Upload.Pdf(700_001);

        var complete = await partner.AttachAsync(bytes);
        Assert.Equal((State.Complete, "application/pdf", bytes.Length), (complete.State, complete.SniffedMediaType, complete.ReceivedBytes));
        Assert.Equal(complete, await partner.FinishAsync(complete.Name));

        var message = Filings.Delist();
        message.Request.Attachments.Add(complete.Name);
        var answer = await partner.SubmitAsync(message);
        Assert.Equal([complete.Name], answer.Request.Attachments);
        Assert.Equal(answer, await partner.SubmitAsync(message));
        Assert.Equal([complete.Name], (await partner.GetAsync(answer.Request.Name)).Attachments);

        await Eventually.BecomesTrueAsync(async () => (await partner.FindAsync(complete.Name)).Capture.Length > 0);
        var bound = await partner.FindAsync(complete.Name);
        Assert.Equal((State.Bound, answer.Request.Name, 7, null), (bound.State, bound.Request, bound.LogIndex, bound.ExpiresAt));
        Assert.Equal(bytes, partner.Server.Surroundings.Archive.Captures[complete.Name]);
        Assert.Equal(bytes, await ReadAsync(partner.Server, complete.Name, 0, partner.Headers));
        Assert.Equal(bytes[300_000..], await ReadAsync(partner.Server, complete.Name, 300_000, IntakeServer.Staff(Roles.Reviewer)));
        Assert.Empty(await ReadAsync(partner.Server, complete.Name, bytes.Length, partner.Headers));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_goes_on_where_it_was()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var bytes = Upload.Pdf(900_000);
        var name = (await partner.StartAsync(bytes)).Name;

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        using (var call = partner.Server.Attachments.UploadAttachment(partner.Headers, cancellationToken: gone.Token))
        {
            await call.RequestStream.WriteAsync(new UploadAttachmentRequest { Name = name, Data = ByteString.CopyFrom(bytes, 0, 500_000) }, Ended);
            // One block is on disk while the rest of the message is still held: that the client leaves now must lose neither.
            await Eventually.BecomesTrueAsync(async () => (await partner.FindAsync(name)).ReceivedBytes > 0);
            await gone.CancelAsync();
        }

        await Eventually.BecomesTrueAsync(async () => (await partner.FindAsync(name)).ReceivedBytes == 500_000);
        var unfinished = await partner.Server.Attachments.FinishAttachmentAsync(new FinishAttachmentRequest { Name = name }, partner.Headers, cancellationToken: Ended)
            .RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_INCOMPLETE");
        Assert.Equal(("500000", "900000"), (unfinished.Info().Metadata["received_bytes"], unfinished.Info().Metadata["size_bytes"]));
        var wrong = await partner.SendAsync(name, bytes, 499_999).RefusedAsync(StatusCode.Aborted, "ATTACHMENT_OFFSET_MISMATCH");
        Assert.Equal("500000", wrong.Info().Metadata["expected_offset"]);

        Assert.Equal(bytes.Length, (await partner.SendAsync(name, bytes, 500_000, message: 7_777)).ReceivedBytes);
        Assert.Equal(State.Complete, (await partner.FinishAsync(name)).State);
        Assert.Equal(bytes, await ReadAsync(partner.Server, name, 0, partner.Headers));
    }

    [Fact]
    public async Task Two_uploads_of_the_same_file_at_once_store_every_byte_once()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var bytes = Upload.Pdf(2_000_000);
        var name = (await partner.StartAsync(bytes)).Name;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                await partner.SendAsync(name, bytes, 0);
                return StatusCode.OK;
            }
            catch (RpcException refused)
            {
                return refused.StatusCode;
            }
        }));

        Assert.All(outcomes, static code => Assert.True(code is StatusCode.OK or StatusCode.Aborted or StatusCode.FailedPrecondition, code.ToString()));
        var received = (await partner.FindAsync(name)).ReceivedBytes;
        if (received < bytes.Length)
        {
            await partner.SendAsync(name, bytes, received);
        }

        Assert.Equal(State.Complete, (await partner.FinishAsync(name)).State);
    }

    [Fact]
    public async Task Other_bytes_than_were_announced_are_refused_and_dropped()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var bytes = Upload.Pdf(1_000);
        var name = (await partner.StartAsync(bytes)).Name;
        bytes[500] ^= 1;
        await partner.SendAsync(name, bytes, 0);

        var refusal = await partner.FinishAsync(name).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_HASH_MISMATCH");

        Assert.NotEqual(refusal.Info().Metadata["announced_sha256"], refusal.Info().Metadata["received_sha256"]);
        Assert.Equal(State.Refused, (await partner.FindAsync(name)).State);
        Assert.Equal(0, await partner.Server.Database.ScalarAsync<long>(Count, Guid.Parse(name.Split('/')[^1])));
        await partner.FinishAsync(name).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_CLOSED");
        await partner.SendAsync(name, bytes, 0).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_CLOSED");
        await ReadAsync(partner.Server, name, 0, partner.Headers).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_CLOSED");
    }

    [Fact]
    public async Task A_program_is_refused_whatever_it_says_it_is()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        await partner.AttachAsync([.. "MZ"u8, .. new byte[200]]).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_TYPE_REFUSED");
    }

    [Fact]
    public async Task Data_beyond_the_announced_size_is_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var bytes = Upload.Pdf(1_000);
        var name = (await partner.StartAsync(bytes)).Name;

        var refusal = await partner.SendAsync(name, [.. bytes, 0], 0).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["data"], refusal.WrongFields());
        Assert.Equal(State.Complete, (await CompleteAsync()).State);

        async Task<Attachment> CompleteAsync()
        {
            var received = (await partner.FindAsync(name)).ReceivedBytes;
            await partner.SendAsync(name, bytes, received);
            return await partner.FinishAsync(name);
        }
    }

    [Fact]
    public async Task Every_wrong_field_of_an_announcement_is_named()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = new StartAttachmentRequest
        {
            RequestId = "7",
            Attachment = new Attachment { FileName = "../../etc/passwd", MediaType = "pdf; charset=x", SizeBytes = 33_554_433, Sha256 = "AB" },
        };

        var refusal = await partner.Server.Attachments.StartAttachmentAsync(message, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["request_id", "attachment.file_name", "attachment.media_type", "attachment.size_bytes", "attachment.sha256"], refusal.WrongFields());
    }

    [Fact]
    public async Task An_announcement_is_idempotent_by_its_request_id()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Upload.Announcement(Upload.Pdf(100));

        var first = await partner.Server.Attachments.StartAttachmentAsync(message, partner.Headers, cancellationToken: Ended);

        Assert.Equal(first, await partner.Server.Attachments.StartAttachmentAsync(message, partner.Headers, cancellationToken: Ended));
        message.Attachment.FileName = "other.pdf";
        await partner.Server.Attachments.StartAttachmentAsync(message, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task Another_partners_attachment_is_as_unknown_as_one_that_is_not_there()
    {
        var intake = await stack.IntakeAsync();
        var (owner, other) = (await intake.NewPartnerAsync(), await intake.NewPartnerAsync());
        var name = (await owner.AttachAsync(Upload.Pdf(100))).Name;
        var message = Filings.Delist();
        message.Request.Attachments.Add(name);

        await other.FindAsync(name).RefusedAsync(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND");
        await other.FinishAsync(name).RefusedAsync(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND");
        await other.SendAsync(name, new byte[1], 0).RefusedAsync(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND");
        await ReadAsync(intake, name, 0, other.Headers).RefusedAsync(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND");
        await other.SubmitAsync(message).RefusedAsync(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND");
        await ReadAsync(intake, name.Replace(owner.Name, other.Name, StringComparison.Ordinal), 0, other.Headers).RefusedAsync(StatusCode.NotFound, "ATTACHMENT_NOT_FOUND");
    }

    [Fact]
    public async Task A_file_belongs_to_one_request_and_a_refused_filing_leaves_nothing()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var taken = await partner.AttachAsync(Upload.Pdf(100));
        var free = await partner.AttachAsync(Upload.Pdf(100));
        var first = Filings.Delist();
        first.Request.Attachments.Add(taken.Name);
        await partner.SubmitAsync(first);
        var second = Filings.Delist();
        second.Request.Attachments.Add([free.Name, taken.Name]);

        var refusal = await partner.SubmitAsync(second).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENT_NOT_READY");

        Assert.Equal((taken.Name, "BOUND"), (refusal.Info().Metadata["name"], refusal.Info().Metadata["state"]));
        Assert.Equal(State.Complete, (await partner.FindAsync(free.Name)).State);
        second.Request.Attachments.Remove(taken.Name);
        Assert.Equal([free.Name], (await partner.SubmitAsync(second)).Request.Attachments);
    }

    [Fact]
    public async Task The_files_of_one_request_are_bounded_together()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var message = Filings.Delist();
        for (var i = 0; i < 4; i++)
        {
            message.Request.Attachments.Add((await partner.AttachAsync(Upload.Pdf(100))).Name);
        }

        // Sizes as if they had been sent: what counts is the sum that the database has.
        await partner.Server.Database.ExecuteAsync("UPDATE attachments SET size_bytes = 33554432 WHERE partner_id = $1", partner.Name["partners/".Length..]);
        var refusal = await partner.SubmitAsync(message).RefusedAsync(StatusCode.FailedPrecondition, "ATTACHMENTS_TOO_LARGE");
        Assert.Equal("104857600", refusal.Info().Metadata["maximum_bytes"]);

        message.Request.Attachments.Add(Enumerable.Repeat(message.Request.Attachments[0], 7));
        Assert.Equal(["request.attachments", "request.attachments"], (await partner.SubmitAsync(message).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
    }

    [Fact]
    public async Task What_is_sent_and_not_filed_is_bounded_and_expires()
    {
        await stack.IntakeAsync();
        await using var replica = await stack.ReplicaAsync(("Intake:AttachmentStorageBytes", "1048576"), ("Intake:AttachmentLifetime", "00:00:01"), ("Intake:AttachmentSweepInterval", "00:00:00.100"));
        var partner = await replica.NewPartnerAsync();
        var name = (await partner.StartAsync(Upload.Pdf(600_000))).Name;

        await partner.StartAsync(Upload.Pdf(600_000)).RefusedAsync(StatusCode.ResourceExhausted, "ATTACHMENT_STORAGE_FULL");

        await Eventually.BecomesTrueAsync(async () => (await partner.FindAsync(name)).State == State.Expired);
        Assert.Equal(State.Uploading, (await partner.StartAsync(Upload.Pdf(600_000))).State);
    }

    [Fact]
    public async Task While_the_archive_is_away_files_wait_and_are_handed_over_afterwards()
    {
        var bus = await Servers.NewBusAsync();
        var redis = await Servers.RedisAsync();
        var surroundings = await IntakeStack.OwnAsync(bus, redis.ConnectionString);
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, ("Intake:HandoverInterval", "00:00:00.100"));
        var partner = await intake.NewPartnerAsync();
        var bytes = Upload.Pdf(50_000);
        var file = await partner.AttachAsync(bytes);
        var message = Filings.Delist();
        message.Request.Attachments.Add(file.Name);

        await archive.StopAsync();
        await partner.SubmitAsync(message);
        await Eventually.BecomesTrueAsync(async () => await surroundings.Database.ScalarAsync<int>("SELECT max(handover_attempts) FROM attachments") >= 2);
        Assert.Equal("", (await partner.FindAsync(file.Name)).Capture);
        await archive.StartAgainAsync();

        // The pauses between attempts double: on a busy machine several were made in vain, and the next one may be half a minute away.
        await Eventually.BecomesTrueAsync(async () => (await partner.FindAsync(file.Name)).Capture.Length > 0, TimeSpan.FromSeconds(150));
        Assert.Equal(bytes, archive.Captures[file.Name]);
    }

    private static async Task<byte[]> ReadAsync(IntakeServer intake, string name, long offset, Metadata headers)
    {
        using var call = intake.Attachments.DownloadAttachment(new DownloadAttachmentRequest { Name = name, Offset = offset }, headers, cancellationToken: Ended);
        var bytes = new MemoryStream();
        await foreach (var part in call.ResponseStream.ReadAllAsync(Ended))
        {
            part.Data.WriteTo(bytes);
        }

        return bytes.ToArray();
    }
}
