namespace Poc.Notification.Tests;

public sealed class NotificationOptionsTests
{
    [Theory]
    [InlineData("mail.example:25", "mail.example", 25)]
    [InlineData("tcp://127.0.0.1:5141", "127.0.0.1", 5141)]
    public void Reads_the_mail_server_in_both_forms(string smtp, string host, int port)
    {
        var options = new MailOptions { Smtp = smtp };

        Assert.True(options.HasServer());
        Assert.Equal((host, port), options.Server);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mail.example")]
    [InlineData("http://mail.example:25")]
    [InlineData("tcp://mail.example")]
    public void Knows_what_is_no_mail_server(string smtp) => Assert.False(new MailOptions { Smtp = smtp }.HasServer());
}
