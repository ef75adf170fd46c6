using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;

namespace Poc.MailSink;

/// <summary>
/// One SMTP session (RFC 5321) with PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531). 250 after a message means: on disk.
/// </summary>
internal sealed partial class SmtpSession(Stream connection, MailFolder folder, MailSinkOptions options, Refusals refusals, TimeProvider clock, ILogger logger)
{
    // RFC 5321 (4.5.3.1.4) asks for 512; extensions lengthen MAIL and RCPT.
    private const int MaxCommandBytes = 4096;

    private readonly PipeReader _input = PipeReader.Create(connection, new StreamPipeReaderOptions(leaveOpen: true));
    private readonly List<string> _recipients = [];
    private string? _sender;
    private bool _utf8;
    private bool _greeted;

    /// <summary>Speaks until the client quits, hangs up or falls silent, or the server stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var idle = new CancellationTokenSource(options.IdleTime, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stopping);
        try
        {
            await ReplyAsync("220 localhost Poc mail sink, for development", ended.Token);
            while (await ReadCommandAsync(ended.Token) is { } line)
            {
                idle.CancelAfter(options.IdleTime);
                if (!await ObeyAsync(line, ended.Token))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            await ReplyAsync(stopping.IsCancellationRequested ? "421 localhost is stopping" : "421 localhost has waited too long", CancellationToken.None);
        }
        finally
        {
            await _input.CompleteAsync();
        }
    }

    /// <returns>False when the session is over.</returns>
    private async Task<bool> ObeyAsync(string line, CancellationToken cancellation)
    {
        var (verb, rest) = line.Split(' ', 2) is [var first, var second] ? (first.ToUpperInvariant(), second.Trim()) : (line.ToUpperInvariant(), "");
        switch (verb)
        {
            case "DATA" when rest.Length == 0 && _recipients.Count > 0:
                await ReplyAsync("354 End with a line of a single dot", cancellation);
                await ReplyAsync(await ReceiveAsync(cancellation), cancellation);
                return true;
            case "QUIT":
                await ReplyAsync("221 localhost says goodbye", cancellation);
                return false;
            default:
                await ReplyAsync(Answer(verb, rest), cancellation);
                return true;
        }
    }

    private string Answer(string verb, string rest)
    {
        switch (verb)
        {
            case "EHLO" when rest.Length > 0:
                Reset();
                _greeted = true;
                return $"250-localhost\r\n250-PIPELINING\r\n250-SIZE {options.MaxMessageBytes}\r\n250-8BITMIME\r\n250 SMTPUTF8";
            case "HELO" when rest.Length > 0:
                Reset();
                _greeted = true;
                return "250 localhost";
            case "EHLO" or "HELO":
                return "501 Say your name";
            case "MAIL":
                return Mail(rest);
            case "RCPT":
                return Recipient(rest);
            case "DATA":
                return rest.Length > 0 ? "501 DATA takes no argument" : _sender is null ? "503 MAIL comes first" : "503 RCPT comes first";
            case "RSET":
                Reset();
                return "250 OK";
            case "NOOP":
                return "250 OK";
            case "VRFY":
                return "252 Send it and see";
            case "HELP":
                return "214 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT";
            case "":
                return $"500 A command is at most {MaxCommandBytes} bytes of UTF-8";
            default:
                return "502 Not known here";
        }
    }

    private string Mail(string rest)
    {
        if (!_greeted)
        {
            return "503 EHLO comes first";
        }

        if (_sender is not null)
        {
            return "503 There is a message under way; RSET ends it";
        }

        if (MailPattern().Match(rest) is not { Success: true } match)
        {
            return "501 MAIL FROM:<address>";
        }

        var utf8 = false;
        foreach (var parameter in match.Groups["parameters"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (parameter.ToUpperInvariant().Split('=', 2))
            {
                case ["SIZE", var size] when long.TryParse(size, out var bytes):
                    if (bytes > options.MaxMessageBytes)
                    {
                        return $"552 A message has at most {options.MaxMessageBytes} bytes";
                    }

                    break;
                case ["BODY", "7BIT" or "8BITMIME"]:
                    break;
                case ["SMTPUTF8"]:
                    utf8 = true;
                    break;
                default:
                    return "555 Parameter not known here";
            }
        }

        var address = match.Groups["address"].Value;
        if (address.Length > 0 && !IsAddress(address, utf8))
        {
            return "553 Not an address";
        }

        (_sender, _utf8) = (address, utf8);
        return "250 OK";
    }

    private string Recipient(string rest)
    {
        if (_sender is null)
        {
            return "503 MAIL comes first";
        }

        if (RecipientPattern().Match(rest) is not { Success: true } match)
        {
            return "501 RCPT TO:<address>";
        }

        if (match.Groups["parameters"].Value.Length > 0)
        {
            return "555 Parameter not known here";
        }

        var address = match.Groups["address"].Value;
        if (!IsAddress(address, _utf8))
        {
            return "553 Not an address";
        }

        if (_recipients.Count >= options.MaxRecipients)
        {
            return $"452 A message has at most {options.MaxRecipients} recipients";
        }

        _recipients.Add(address);
        return "250 OK";
    }

    private async Task<string> ReceiveAsync(CancellationToken cancellation)
    {
        var content = new ArrayBufferWriter<byte>(4096);
        var decoder = new DotDecoder(content, options.MaxMessageBytes);
        await ReadContentAsync(decoder, cancellation);
        var (sender, recipients) = (_sender!, _recipients.ToList());
        Reset();

        if (decoder.Length > options.MaxMessageBytes)
        {
            return $"552 A message has at most {options.MaxMessageBytes} bytes";
        }

        if (refusals.Take())
        {
            return "451 Refused as was asked for; try again";
        }

        try
        {
            var message = await folder.AddAsync(sender, recipients, content.WrittenMemory);
            logger.LogInformation("Kept {Id}, {Size} bytes for {Recipients} recipients", message.Id, message.Size, recipients.Count);
            return $"250 Kept as {message.Id}";
        }
        catch (IOException problem)
        {
            logger.LogError(problem, "A message could not be kept");
            return "452 Not kept: the disk does not take it";
        }
    }

    private async Task ReadContentAsync(DotDecoder decoder, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            var consumed = buffer.Start;
            foreach (var segment in buffer)
            {
                var complete = decoder.Feed(segment.Span, out var taken);
                consumed = buffer.GetPosition(taken, consumed);
                if (complete)
                {
                    _input.AdvanceTo(consumed);
                    return;
                }
            }

            _input.AdvanceTo(consumed);
            if (read.IsCompleted)
            {
                throw new EndOfStreamException("The client hung up in the middle of a message.");
            }
        }
    }

    /// <returns>The line without its end; "" for one that is too long or not UTF-8; null when the client hung up.</returns>
    private async Task<string?> ReadCommandAsync(CancellationToken cancellation)
    {
        var tooLong = false;
        while (true)
        {
            var read = await _input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                var text = tooLong || line.Length > MaxCommandBytes ? "" : Decode(line.ToArray());
                _input.AdvanceTo(buffer.GetPosition(1, end));
                return text;
            }

            tooLong |= buffer.Length > MaxCommandBytes;
            _input.AdvanceTo(tooLong ? buffer.End : buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static string Decode(byte[] line)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(line).TrimEnd('\r', ' ');
        }
        catch (DecoderFallbackException)
        {
            return "";
        }
    }

    private Task ReplyAsync(string reply, CancellationToken cancellation) =>
        connection.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), cancellation).AsTask();

    private void Reset()
    {
        _sender = null;
        _utf8 = false;
        _recipients.Clear();
    }

    private static bool IsAddress(string address, bool utf8) =>
        address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < address.Length - 1 && address.Length <= 320
        && !address.Any(char.IsControl) && (utf8 || Ascii.IsValid(address));

    [GeneratedRegex("""^FROM:\s*<(?<address>[^<>\s]*)>(?<parameters>(\s.*)?)$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MailPattern();

    [GeneratedRegex("""^TO:\s*<(?<address>[^<>\s]+)>\s*(?<parameters>.*)$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RecipientPattern();
}
