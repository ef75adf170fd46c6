extern alias partner;

using Grpc.Core;
using partner::Poc.Contracts.Intake.V1;
using partner::Poc.Intake.Client;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests.PartnerClient;

/// <summary>The package that partners use, against a real Intake.</summary>
public sealed class IntakeClientTests(IntakeStack stack)
{
    private const string Text = "Просим взглянуть ещё раз. (synthetic)";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_a_request_once_whatever_how_often_it_is_sent()
    {
        using var client = await NewClientAsync();
        var id = NewId();

        var first = await client.SubmitAsync(id, Letter(), Ended);
        var second = await client.SubmitAsync(id, Letter(), Ended);

        Assert.Equal(first, second);
        Assert.Equal(Text, (await client.GetAsync(first.Request.Name, Ended)).Text);
        Assert.Equal(first.Receipt, await client.GetReceiptAsync(first.Request.Name, Ended));
        Assert.Equal([first.Request.Name], await NamesAsync(client));
    }

    [Fact]
    public async Task A_receipt_of_another_text_is_noticed()
    {
        using var client = await NewClientAsync();

        var filed = await client.SubmitAsync(NewId(), Letter(), Ended);

        IntakeClient.Verify(filed.Receipt, Text);
        Assert.Throws<InvalidDataException>(() => IntakeClient.Verify(filed.Receipt, Text + " "));
    }

    [Fact]
    public async Task Other_words_under_the_same_id_are_refused_with_the_reason()
    {
        using var client = await NewClientAsync();
        var id = NewId();
        await client.SubmitAsync(id, Letter(), Ended);

        var refusal = await Assert.ThrowsAsync<IntakeException>(() => client.SubmitAsync(id, Letter("Other words."), Ended));

        Assert.Equal((StatusCode.AlreadyExists, "REQUEST_ID_REUSED"), (refusal.StatusCode, refusal.Reason));
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        using var client = await NewClientAsync();
        var letter = Letter();
        letter.Language = "??";
        letter.Links.Add("nowhere");

        var refusal = await Assert.ThrowsAsync<IntakeException>(() => client.SubmitAsync(NewId(), letter, Ended));

        Assert.Equal(["request.language", "request.links[0]"], refusal.Violations.Select(static violation => violation.Field));
        Assert.Contains("request.language", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_all_pages()
    {
        using var client = await NewClientAsync();
        var filed = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            filed.Add((await client.SubmitAsync(NewId(), Letter(), Ended)).Request.Name);
        }

        Assert.Equal(Enumerable.Reverse(filed), await NamesAsync(client, new ListRequestsRequest { PageSize = 2 }));
    }

    [Fact]
    public async Task Waits_for_a_service_that_is_away_and_files_then()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        using var client = NewClient(address, partner.ApiKey);

        var filing = client.SubmitAsync(NewId(), Letter(), Ended);
        Assert.False(filing.IsCompleted);
        await using var replica = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));

        Assert.Equal(Text, (await filing).Request.Text);
    }

    [Fact]
    public async Task Gives_up_when_its_patience_ends()
    {
        using var client = NewClient($"http://127.0.0.1:{LoopbackPorts.Take()}", "poc_nobody_x", TimeSpan.FromMilliseconds(300));

        var refusal = await Assert.ThrowsAsync<IntakeException>(() => client.SubmitAsync(NewId(), Letter(), Ended));

        Assert.Equal((StatusCode.Unavailable, ""), (refusal.StatusCode, refusal.Reason));
    }

    [Fact]
    public async Task Comes_back_when_the_quota_says_so()
    {
        await using var replica = await stack.ReplicaAsync(("Intake:QuotaBurst", "1"), ("Intake:QuotaPerSecond", "5"));
        var partner = await replica.NewPartnerAsync();
        using var client = NewClient(replica.Address, partner.ApiKey);
        using var impatient = NewClient(replica.Address, partner.ApiKey, TimeSpan.Zero);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.SubmitAsync(NewId(), Letter(), Ended)));

        Assert.Equal(5, (await NamesAsync(client)).Count);
        // Without patience the same quota is a refusal: five at once are more than one and what a fraction of a second adds.
        var refusals = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Record.ExceptionAsync(() => impatient.SubmitAsync(NewId(), Letter(), Ended)).AsTask()));
        Assert.Contains(refusals, static refusal => refusal is IntakeException { Reason: "QUOTA_EXCEEDED" });
    }

    [Fact]
    public async Task A_watch_goes_on_where_it_broke()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        using var client = NewClient(address, partner.ApiKey);
        var first = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));
        var name = (await client.SubmitAsync(NewId(), Letter(), Ended)).Request.Name;
        await using var states = client.WatchAsync(name, cancellation: Ended).GetAsyncEnumerator(Ended);
        Assert.True(await states.MoveNextAsync());
        Assert.Equal((1, Request.Types.State.Received), (states.Current.Sequence, states.Current.State));

        var next = states.MoveNextAsync();
        await first.DisposeAsync();
        await using var second = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));
        await partner.SubmitAsync(Filings.Withdraw(name));

        Assert.True(await next);
        Assert.Equal((2, Request.Types.State.Withdrawn), (states.Current.Sequence, states.Current.State));
        Assert.False(await states.MoveNextAsync());
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_as_such()
    {
        using var client = NewClient($"http://127.0.0.1:{LoopbackPorts.Take()}", "poc_nobody_x");
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Ended);

        var filing = client.SubmitAsync(NewId(), Letter(), source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filing);
    }

    [Theory]
    [InlineData("http://intake.example.org", "poc_a_b", "in the clear")]
    [InlineData("https://intake.example.org", null, "Exactly one")]
    public void Refuses_options_that_would_tell_a_secret_or_nobody(string address, string? apiKey, string problem)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new IntakeClient(new IntakeClientOptions { Address = new Uri(address), ApiKey = apiKey }));

        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_a_file_once_whatever_broke_and_names_it_in_a_request()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        using var client = NewClient(address, partner.ApiKey);
        var bytes = Attachments.Upload.Pdf(2_500_000);
        var (id, content) = (NewId(), new Pausing(bytes, 1_100_000));

        var first = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));
        var sending = client.AttachAsync(id, "verdict.pdf", "application/pdf", content, Ended);
        await content.Reached;
        await first.DisposeAsync(); // in the middle of the file
        await using var second = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));
        content.GoOn();
        var file = await sending;

        Assert.Equal((Attachment.Types.State.Complete, bytes.Length), (file.State, file.ReceivedBytes));
        Assert.Equal(file, await client.AttachAsync(id, "verdict.pdf", "application/pdf", new MemoryStream(bytes), Ended));
        var letter = Letter();
        letter.Attachments.Add(file.Name);
        Assert.Equal([file.Name], (await client.SubmitAsync(NewId(), letter, Ended)).Request.Attachments);
        var refusal = await Assert.ThrowsAsync<IntakeException>(() => client.AttachAsync(NewId(), "a.pdf", "application/pdf", new MemoryStream([.. "MZ"u8]), Ended));
        Assert.Equal("ATTACHMENT_TYPE_REFUSED", refusal.Reason);
    }

    [Fact]
    public async Task Imports_all_of_many_while_the_service_comes_and_goes()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        using var client = NewClient(address, partner.ApiKey);
        var items = Enumerable.Range(0, 1_200).Select(_ => new SubmitRequestRequest { RequestId = NewId().ToString(), Request = Letter() }).ToArray();
        items[700].Request.Language = "";
        var (id, steps) = (NewId(), new Steps());

        var first = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));
        var importing = client.ImportAsync(id, items, steps, Ended);
        await steps.First;
        await first.DisposeAsync();
        await using var second = await stack.ReplicaAsync(("Kestrel:Endpoints:grpc:Url", address));
        var import = await importing;

        Assert.Equal((1_199, 1, 1_200), (import.StoredCount, import.RefusedCount, import.NextIndex));
        var refused = new List<ImportItem>();
        await foreach (var item in client.ListImportAsync(import.Name, refusedOnly: true, Ended))
        {
            refused.Add(item);
        }

        Assert.Equal((700, "FIELD_INVALID"), (Assert.Single(refused).Index, refused[0].Error.Reason));
        Assert.Equal(import.StoredCount, (await client.ImportAsync(id, items, cancellation: Ended)).StoredCount);
        Assert.Equal(1_199, await intake.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE partner_id = $1", partner.Name["partners/".Length..]));
    }

    [Fact]
    public async Task The_example_of_its_README_files_and_follows()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        using var told = new StringWriter();

        var example = ReadmeExample.RunAsync(intake.Address, partner.ApiKey, NewId(), told);
        using var client = NewClient(intake.Address, partner.ApiKey);
        await Eventually.BecomesTrueAsync(async () => (await NamesAsync(client)).Count == 1);
        var name = Assert.Single(await NamesAsync(client));
        // Taken back, the request is at its end, and so is the example's watch.
        await partner.SubmitAsync(Filings.Withdraw(name));
        await example;

        Assert.StartsWith($"{name} received at ", told.ToString(), StringComparison.Ordinal);
        Assert.Contains("Withdrawn", told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_README_shows_the_example_that_runs()
    {
        var readme = File.ReadAllText(Checkout.Path("src", "Poc.Intake.Client", "README.md"));
        var source = File.ReadAllLines(Checkout.Path("tests", "Poc.Intake.Tests", "PartnerClient", "ReadmeExample.cs"));
        var example = source.SkipWhile(static line => !line.EndsWith("// README begins.", StringComparison.Ordinal)).Skip(1).TakeWhile(static line => !line.EndsWith("// README ends.", StringComparison.Ordinal));

        Assert.Contains(string.Join('\n', example.Select(static line => line.Length > 8 ? line[8..] : "")), readme, StringComparison.Ordinal);
    }

    // Tells of the first part.
    private sealed class Steps : IProgress<Import>
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task First => _first.Task;

        public void Report(Import value) => _first.TrySetResult();
    }

    // A file whose reading stops at a place until it may go on. Hashing reads past it first, which does not count.
    private sealed class Pausing(byte[] bytes, int place) : MemoryStream(bytes)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _isHashed;

        public Task Reached => _reached.Task;

        public void GoOn() => _goOn.TrySetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _isHashed |= Position == Length;
            if (_isHashed && Position < place && Position + buffer.Length >= place)
            {
                _reached.TrySetResult();
                await _goOn.Task.WaitAsync(cancellationToken);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    private static Guid NewId() => Guid.Parse(Filings.NewId());

    private static Request Letter(string text = Text) => new()
    {
        Kind = RequestKind.Delist,
        Subject = new SubjectReference { Subject = "subjects/navalny" },
        Text = text,
        Language = "ru",
        Relation = Relation.ThirdParty,
        Criteria = { "advocacy-of-violence" },
        Synthetic = true,
    };

    private static IntakeClient NewClient(string address, string apiKey, TimeSpan? patience = null) =>
        new(new IntakeClientOptions { Address = new Uri(address), ApiKey = apiKey, Patience = patience ?? TimeSpan.FromMinutes(2) });

    private async Task<IntakeClient> NewClientAsync()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        return NewClient(partner.Server.Address, partner.ApiKey);
    }

    private static async Task<List<string>> NamesAsync(IntakeClient client, ListRequestsRequest? which = null)
    {
        var names = new List<string>();
        await foreach (var request in client.ListAsync(which, Ended))
        {
            names.Add(request.Name);
        }

        return names;
    }
}
