using System.Text;

namespace Poc.Verify.Tests.Notes;

/// <summary>What is a note, and what only looks like one (C2SP signed-note).</summary>
public sealed class NoteFormTests : Scratch
{
    private const string Name = "log.example/one";
    private const string Text = "log.example/one\n3\nrrL8vicOKY2m8c3CJ4YoaBk3WIbGvM8wOd8uB5cFJXk=\n";
    private readonly Signer _signer = new(Name, 1);

    // %S is a good signature line, %B its base64.
    [Theory]
    [InlineData("%T\n%S", null)]
    [InlineData("%T\n%S%S", null)] // the second of the same key is not looked at
    [InlineData("a text\n\nwith empty lines\n\n", "malformed")] // nobody signed: the last part is empty
    [InlineData("%T%S", "malformed")] // no empty line
    [InlineData("%T\n\n%S", "signature_wrong")] // the empty line more belongs to the text
    [InlineData("%T\n%S\n", "malformed")] // an empty line after the signatures
    [InlineData("%T\n", "malformed")] // none at all
    [InlineData("%T\n— log.example/one %B", "malformed")] // no newline at the end
    [InlineData("%T\n— log.example/one %B\r\n", "malformed")]
    [InlineData("%T\n— log.example/one  %B\n", "malformed")]
    [InlineData("%T\n— log.example/one %B \n", "malformed")]
    [InlineData("%T\n—  log.example/one %B\n", "malformed")]
    [InlineData("%T\n—\tlog.example/one %B\n", "malformed")]
    [InlineData("%T\n—\u00a0log.example/one %B\n", "malformed")]
    [InlineData("%T\n— log.example/one\u00a0%B\n", "malformed")]
    [InlineData("%T\n — log.example/one %B\n", "malformed")]
    [InlineData("%T\n- log.example/one %B\n", "malformed")]
    [InlineData("%T\n– log.example/one %B\n", "malformed")]
    [InlineData("%T\n—log.example/one %B\n", "malformed")]
    [InlineData("%T\n— log.example/one\n", "malformed")]
    [InlineData("%T\n— log.example/one \n", "malformed")]
    [InlineData("%T\n— log.example+one %B\n", "malformed")]
    [InlineData("%T\n— LOG.example/one %B\n", "not_signed")] // names are compared as they are
    [InlineData("%T\n— log.example/one AAAA\n", "malformed")] // no room for an id and a signature
    [InlineData("%T\n— log.example/one AAAAAAA=\n", "not_signed")] // somebody else's, whatever it is
    [InlineData("%T\n— log.example/one AAAAAAA=\n%S", null)]
    [InlineData("%T\n— stranger.example %B\n%S", null)]
    [InlineData("%T\n— stranger.example AA-_AAA=\n%S", "malformed")] // not standard base64
    [InlineData("%T\n— stranger.example AAAAAAA\n%S", "malformed")] // no padding
    [InlineData("%T\n— stranger.example AAAAAAB=\n%S", "malformed")] // bits that are lost
    [InlineData("%T\n— stranger.example AAAA AAA=\n%S", "malformed")]
    [InlineData("%Tmore\n\n%S", "signature_wrong")]
    [InlineData("%T\u0000\n\n%S", "malformed")]
    [InlineData("%T\t\n\n%S", "malformed")]
    [InlineData("\ufeff%T\n%S", "signature_wrong")] // a byte order mark is part of the text
    [InlineData("%T\r\n\n%S", "malformed")]
    public async Task Reads_notes_as_they_are_defined_and_nothing_else(string form, string? reason)
    {
        var line = _signer.Line(Text);
        var note = form.Replace("%T", Text, StringComparison.Ordinal).Replace("%S", line, StringComparison.Ordinal)
            .Replace("%B", line.TrimEnd().Split(' ')[2], StringComparison.Ordinal);

        var answer = await RunAsync("note", Write("note", Encoding.UTF8.GetBytes(note)), "--key", _signer.Key);

        Assert.Equal(reason is null ? [] : [reason], answer.Reasons);
        Assert.Equal(reason is null ? 0 : 1, answer.ExitCode);
    }

    [Fact]
    public async Task A_hundred_signatures_are_read_and_one_more_is_not()
    {
        var strangers = string.Concat(Enumerable.Range(0, 99).Select(number => $"— stranger-{number}.example AAAAAAA=\n"));
        Assert.Equal([], (await RunAsync("note", Write("note", Text + "\n" + strangers + _signer.Line(Text)), "--key", _signer.Key)).Reasons);
        Assert.Equal(
            ["malformed"], (await RunAsync("note", Write("note", Text + "\n" + strangers + "— another.example AAAAAAA=\n" + _signer.Line(Text)), "--key", _signer.Key)).Reasons);
    }

    [Fact]
    public async Task Two_keys_of_one_name_are_told_apart_by_their_ids()
    {
        using var next = new Signer(Name, 2);
        var note = Write("note", Text + "\n" + _signer.Line(Text) + next.Line(Text));
        foreach (var keys in (string[][])[[_signer.Key], [next.Key], [_signer.Key, next.Key]])
        {
            Assert.Equal([], (await RunAsync(["note", note, .. keys.SelectMany(key => (string[])["--key", key])])).Reasons);
        }

        // The signature of one under the id of the other.
        var crossed = $"— {Name} {Convert.ToBase64String([.. next.Blob(Text)[..4], .. _signer.Blob(Text)[4..]])}\n";
        Assert.Equal(["signature_wrong"], (await RunAsync("note", Write("note", Text + "\n" + crossed), "--key", next.Key)).Reasons);
    }

    [Theory]
    [InlineData("log.example/one+%I+%K", null)]
    [InlineData("log.example/two+%I+%K", "key_malformed")] // the id is bound to the name
    [InlineData("log.example/one+00000000+%K", "key_malformed")]
    [InlineData("log.example/one+%I", "key_malformed")]
    [InlineData("+%I+%K", "key_malformed")]
    [InlineData("log example/one+%I+%K", "key_malformed")]
    [InlineData("log.example/one+%I+%K ", "key_malformed")]
    [InlineData("log.example/one+ %I+%K", "key_malformed")]
    [InlineData("log.example/one+%I+%K+", "key_malformed")]
    public async Task Reads_keys_as_they_are_defined_and_nothing_else(string form, string? reason)
    {
        var parts = _signer.Key.Split('+', 3);
        var key = form.Replace("%I", parts[1], StringComparison.Ordinal).Replace("%K", parts[2], StringComparison.Ordinal);
        Assert.Equal(reason is null ? [] : [reason], (await RunAsync("note", Write("note", Text + "\n" + _signer.Line(Text)), "--key", key)).Reasons);
    }
}
