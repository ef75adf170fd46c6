using Poc.Notification.Recipients;

namespace Poc.Notification.Tests.Recipients;

public sealed class MailAddressesTests
{
    [Theory]
    [InlineData("name@example.org")]
    [InlineData("first.last+tag@sub.example.org")]
    [InlineData("имя@пример.рф")]
    public void Takes_one_plain_mailbox(string address) => Assert.True(MailAddresses.IsPlain(address));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("@example.org")]
    [InlineData("name@")]
    [InlineData("a@b@example.org")]
    [InlineData("name@example.org\r\nBcc: other@example.org")]
    [InlineData("name@example.org\nBcc:other@example.org")]
    [InlineData("name@example.org\0")]
    [InlineData("name@example.org, other@example.org")]
    [InlineData("name@example.org;other@example.org")]
    [InlineData("Name <name@example.org>")]
    [InlineData("<name@example.org>")]
    [InlineData("\"a b\"@example.org")]
    [InlineData("name(comment)@example.org")]
    [InlineData("na me@example.org")]
    [InlineData("name@exam\u2028ple.org")]
    [InlineData("name@[127.0.0.1]")]
    public void Refuses_what_could_become_more_than_one_mailbox_or_another_header(string? address) => Assert.False(MailAddresses.IsPlain(address));

    [Fact]
    public void Refuses_what_is_longer_than_an_envelope_takes() => Assert.False(MailAddresses.IsPlain(new string('a', 250) + "@example.org"));
}
