using System.Net.Sockets;
using System.Text;
using MailKit.Net.Smtp;
using MimeKit;
using Poc.Testing;

namespace Poc.MailSink.Tests;

public sealed class SmtpSessionTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sent_is_what_is_kept()
    {
        await using var sink = await Sink.StartAsync();
        var sent = Sink.Mail(text: "Line 1\r\n\r\nLine 3\r\n");
        sent.Date = new DateTimeOffset(2021, 2, 24, 9, 30, 0, TimeSpan.FromHours(1));
        sent.Headers.Add("X-Poc-Reference", "d-0042");

        await sink.SendAsync(sent);

        var kept = Assert.Single(await sink.ListAsync());
        Assert.Equal(("poc@example.org", "anna@example.org", "Reference 7", $"<{sent.MessageId}>", "d-0042"), (kept.From, kept.To.Single(), kept.Subject, kept.MessageId, kept.Reference));
        Assert.Equal(sent.Date, kept.Date);
        var read = await sink.ReadAsync(kept.Id);
        Assert.Equal("Line 1\r\n\r\nLine 3\r\n", read.TextBody!.ReplaceLineEndings("\r\n"));
        Assert.Equal(sent.MessageId, read.MessageId);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".\r\n.\r\n..\r\nend\r\n")]
    [InlineData("text\r\n.\r\nQUIT\r\n")]
    public async Task Lines_that_begin_with_a_dot_arrive_as_they_were(string text)
    {
        await using var sink = await Sink.StartAsync();

        await sink.SendAsync(Sink.Mail(text: text));

        Assert.Equal(text.TrimEnd(), (await sink.ReadAsync((await sink.ListAsync()).Single().Id)).TextBody!.ReplaceLineEndings("\r\n").TrimEnd());
    }

    [Fact]
    public async Task Any_script_passes_in_text_subject_and_address()
    {
        await using var sink = await Sink.StartAsync();
        var message = Sink.Mail(subject: "Довідка 7 · مرجع", text: "Свобода, слово, 自由 🕊\r\n");
        message.To.Clear();
        message.To.Add(new MailboxAddress(Encoding.UTF8, "Олена", "олена@приклад.укр"));

        using var client = await sink.ConnectAsync();
        await client.SendAsync(new FormatOptions { International = true }, message, Ended);

        var kept = Assert.Single(await sink.ListAsync("?to=" + Uri.EscapeDataString("олена@приклад.укр")));
        Assert.Equal("Довідка 7 · مرجع", kept.Subject);
        Assert.Equal("Свобода, слово, 自由 🕊", (await sink.ReadAsync(kept.Id)).TextBody!.TrimEnd());
    }

    [Fact]
    public async Task A_message_goes_to_many_recipients_and_to_no_more_than_the_limit()
    {
        await using var sink = await Sink.StartAsync(settings: "--MailSink:MaxRecipients=500");
        var message = Sink.Mail();
        for (var i = 1; i < 500; i++)
        {
            message.Bcc.Add(MailboxAddress.Parse($"r{i}@example.org"));
        }

        await sink.SendAsync(message);
        message.Bcc.Add(MailboxAddress.Parse("one-too-many@example.org"));
        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => sink.SendAsync(message));

        Assert.Equal(500, Assert.Single(await sink.ListAsync()).To.Count);
        Assert.Equal(SmtpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Single(await sink.ListAsync("?to=R499@EXAMPLE.ORG"));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_when_its_size_is_announced_and_when_it_is_not()
    {
        await using var sink = await Sink.StartAsync(settings: "--MailSink:MaxMessageBytes=100000");

        var announced = await Assert.ThrowsAsync<SmtpCommandException>(() => sink.SendAsync(Sink.Mail(text: new string('x', 100_000))));
        using var client = await Client.ConnectAsync(sink);
        await client.SayAsync("EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA");
        await client.WriteAsync(string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 101)) + ".\r\n");

        Assert.Equal((SmtpStatusCode)552, announced.StatusCode);
        Assert.StartsWith("552", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("250 OK", await client.SayAsync("NOOP")); // the session goes on
        Assert.Empty(await sink.ListAsync());
        Assert.Empty(Directory.EnumerateFiles(sink.Folder));
    }

    [Fact]
    public async Task Fifty_senders_at_once_lose_nothing()
    {
        await using var sink = await Sink.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            using var client = await sink.ConnectAsync();
            for (var n = 0; n < 4; n++)
            {
                await client.SendAsync(Sink.Mail(subject: $"{i}-{n}"), Ended);
            }
        }));

        var subjects = (await sink.ListAsync()).Select(static message => message.Subject).ToList();
        Assert.Equal(200, subjects.Count);
        Assert.Equal(200, subjects.Distinct().Count());
        Assert.Equal(400, Directory.EnumerateFiles(sink.Folder).Count());
    }

    [Fact]
    public async Task Commands_may_be_sent_without_waiting_for_the_answers()
    {
        await using var sink = await Sink.StartAsync();
        using var client = await Client.ConnectAsync(sink);

        await client.WriteAsync("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<nobody>\r\nDATA\r\nSubject: x\r\n\r\nbody\r\n.\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n");

        var answers = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            answers.Add((await client.ReadAsync())[..3]);
        }

        Assert.Equal(["250", "250", "250", "553", "354", "250", "250", "250", "221"], answers);
        Assert.Equal(["c@d"], (await sink.ListAsync()).Single().To);
        Assert.Null(await client.ReadOrEndAsync());
    }

    [Fact]
    public async Task The_content_is_kept_to_the_byte_whatever_it_is()
    {
        await using var sink = await Sink.StartAsync();
        using var client = await Client.ConnectAsync(sink);
        byte[] content = [.. "not a header\r\n"u8, 0, 0xFF, 0xFE, (byte)'\n', (byte)'.', (byte)'\n', (byte)'\r', (byte)'.', (byte)'\r', .. "\r\n"u8];

        await client.SayAsync("EHLO me", "MAIL FROM:<> BODY=8BITMIME", "RCPT TO:<c@d>", "DATA");
        await client.WriteAsync([.. content, .. ".\r\n"u8]);
        Assert.StartsWith("250", await client.ReadAsync(), StringComparison.Ordinal);

        var kept = Assert.Single(await sink.ListAsync());
        Assert.Equal(content, await sink.Http.GetByteArrayAsync($"/messages/{kept.Id}", Ended));
        Assert.Equal("", kept.From);
    }

    [Theory]
    [InlineData("503", "MAIL FROM:<a@b>")]
    [InlineData("501", "EHLO")]
    [InlineData("503", "EHLO me", "RCPT TO:<c@d>")]
    [InlineData("503", "EHLO me", "DATA")]
    [InlineData("503", "EHLO me", "MAIL FROM:<a@b>", "DATA")]
    [InlineData("503", "EHLO me", "MAIL FROM:<a@b>", "MAIL FROM:<a@b>")]
    [InlineData("501", "EHLO me", "MAIL TO:<a@b>")]
    [InlineData("501", "EHLO me", "MAIL FROM:a@b")]
    [InlineData("553", "EHLO me", "MAIL FROM:<a>")]
    [InlineData("553", "EHLO me", "MAIL FROM:<é@b>")]
    [InlineData("250", "EHLO me", "MAIL FROM:<é@b> SMTPUTF8")]
    [InlineData("555", "EHLO me", "MAIL FROM:<a@b> FROBNICATE")]
    [InlineData("552", "EHLO me", "MAIL FROM:<a@b> SIZE=999999999")]
    [InlineData("250", "EHLO me", "MAIL FROM:<a@b> SIZE=10 BODY=7BIT")]
    [InlineData("250", "HELO me", "mail from: <a@b>")]
    [InlineData("501", "EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<>")]
    [InlineData("503", "EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "RSET", "DATA")]
    [InlineData("502", "EHLO me", "STARTTLS")]
    [InlineData("502", "EHLO me", "AUTH PLAIN AGEAYg==")]
    [InlineData("252", "VRFY anna")]
    [InlineData("214", "HELP")]
    [InlineData("221", "QUIT")]
    public async Task Answers_as_the_protocol_says(string code, params string[] commands)
    {
        await using var sink = await Sink.StartAsync();
        using var client = await Client.ConnectAsync(sink);

        Assert.StartsWith(code, await client.SayAsync(commands), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_is_too_long_or_not_text_is_refused_and_the_session_goes_on()
    {
        await using var sink = await Sink.StartAsync();
        using var client = await Client.ConnectAsync(sink);

        Assert.StartsWith("500", await client.SayAsync("EHLO " + new string('x', 100_000)), StringComparison.Ordinal);
        await client.WriteAsync([.. "EHLO "u8, 0xC3, 0x28, .. "\r\n"u8]);
        Assert.StartsWith("500", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SayAsync("EHLO me"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_hangs_up_in_the_middle_leaves_nothing_behind()
    {
        await using var sink = await Sink.StartAsync();
        using (var client = await Client.ConnectAsync(sink))
        {
            await client.SayAsync("EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA");
            await client.WriteAsync("Subject: half\r\n\r\nhalf a mess");
        }

        await sink.SendAsync(Sink.Mail(subject: "whole"));
        Assert.Equal(["whole"], (await sink.ListAsync()).Select(static message => message.Subject));
    }

    [Fact]
    public async Task A_silent_client_is_sent_away()
    {
        await using var sink = await Sink.StartAsync(settings: "--MailSink:IdleTime=00:00:00.200");
        using var client = await Client.ConnectAsync(sink);

        Assert.StartsWith("421", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Null(await client.ReadOrEndAsync());
    }

    [Fact]
    public async Task Sessions_beyond_the_limit_are_told_so()
    {
        await using var sink = await Sink.StartAsync(settings: "--MailSink:MaxSessions=2");
        using var first = await Client.ConnectAsync(sink);
        using var second = await Client.ConnectAsync(sink);

        Assert.StartsWith("421", (await Client.GreetedAsync(sink)).Greeting, StringComparison.Ordinal);
        await first.SayAsync("QUIT");
        await Eventually.BecomesTrueAsync(async () => (await Client.GreetedAsync(sink)).Greeting.StartsWith("220", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refuses_as_many_messages_as_it_was_asked_to_and_takes_them_when_they_come_again()
    {
        await using var sink = await Sink.StartAsync();
        (await sink.Http.PostAsync("/refusals?next=2", null, Ended)).EnsureSuccessStatusCode();

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(SmtpStatusCode.ErrorInProcessing, (await Assert.ThrowsAsync<SmtpCommandException>(() => sink.SendAsync(Sink.Mail()))).StatusCode);
        }

        await sink.SendAsync(Sink.Mail());
        Assert.Single(await sink.ListAsync());
    }

    [Fact]
    public async Task Stopping_says_goodbye_to_open_sessions()
    {
        var sink = await Sink.StartAsync();
        using var client = await Client.ConnectAsync(sink);

        await sink.DisposeAsync();

        Assert.StartsWith("421", await client.ReadAsync(), StringComparison.Ordinal);
    }

    /// <summary>SMTP by hand, for what a mail library would not send.</summary>
    private sealed class Client : IDisposable
    {
        private readonly TcpClient _tcp;
        private readonly StreamReader _reader;

        private Client(TcpClient tcp)
        {
            _tcp = tcp;
            _reader = new StreamReader(tcp.GetStream(), Encoding.UTF8);
        }

        public string Greeting { get; private set; } = "";

        public static async Task<Client> ConnectAsync(Sink sink)
        {
            var client = await GreetedAsync(sink);
            Assert.StartsWith("220", client.Greeting, StringComparison.Ordinal);
            return client;
        }

        public static async Task<Client> GreetedAsync(Sink sink)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", sink.SmtpPort, Ended);
            var client = new Client(tcp);
            client.Greeting = await client.ReadAsync();
            return client;
        }

        /// <summary>Sends each command after the answer to the one before; gives the last answer.</summary>
        public async Task<string> SayAsync(params string[] commands)
        {
            var answer = "";
            foreach (var command in commands)
            {
                await WriteAsync(command + "\r\n");
                answer = await ReadAsync();
            }

            return answer;
        }

        public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

        public Task WriteAsync(byte[] bytes) => _tcp.GetStream().WriteAsync(bytes, Ended).AsTask();

        /// <summary>The last line of the next answer.</summary>
        public async Task<string> ReadAsync() => await ReadOrEndAsync() ?? throw new EndOfStreamException("The server hung up.");

        public async Task<string?> ReadOrEndAsync()
        {
            string? line;
            do
            {
                line = await _reader.ReadLineAsync(Ended).AsTask().WaitAsync(Eventually.Patience, Ended);
            }
            while (line is { Length: > 3 } && line[3] == '-');
            return line;
        }

        public void Dispose()
        {
            _reader.Dispose();
            _tcp.Dispose();
        }
    }
}
