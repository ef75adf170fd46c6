using Microsoft.Extensions.Options;
using MimeKit;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;

namespace Poc.Notification.Tests.Deliveries;

public sealed class MailCompositionTests
{
    private const string Secret = "VGhpcyBpcyBub3QgcmVhbGx5IHJhbmRv";

    private readonly MailComposition _composition = new(
        Options.Create(new MailOptions { Smtp = "localhost:25", From = "no-reply@poc.example" }),
        Options.Create(new NotificationOptions { PublicUrl = "https://poc.example/" }));

    public static TheoryData<NotificationClass, string> All()
    {
        var all = new TheoryData<NotificationClass, string>();
        foreach (var language in MailTexts.AvailableLanguages)
        {
            foreach (var @class in Enum.GetValues<NotificationClass>().Where(static value => value != NotificationClass.Unspecified))
            {
                all.Add(@class, language);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Carries_class_reference_and_link_through_the_wire_in_every_language(NotificationClass @class, string language)
    {
        using var read = await ThroughTheWireAsync(Due(@class, language));

        Assert.Equal(language, read.Body!.Headers[HeaderId.ContentLanguage]);
        Assert.Equal(Secret, read.Headers[MailComposition.ReferenceHeader]);
        Assert.Contains($"https://poc.example/a/{Secret}", read.TextBody, StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(read.Subject));
        Assert.DoesNotContain(Secret, read.Subject, StringComparison.Ordinal);
        Assert.DoesNotContain('{', read.Subject + read.TextBody);
        Assert.Equal("auto-generated", read.Headers[HeaderId.AutoSubmitted]);
    }

    [Fact]
    public void Has_every_language_say_each_class_in_its_own_words() =>
        Assert.Equal(MailTexts.AvailableLanguages.Count * 4, MailTexts.AvailableLanguages
            .SelectMany(static language => new[] { NotificationClass.Duty, NotificationClass.Urgent, NotificationClass.Normal, NotificationClass.Digest }
                .Select(@class => MailTexts.Write(@class, language, "l", "r").Subject))
            .Distinct().Count());

    [Theory]
    [InlineData("uk-UA", "uk")]
    [InlineData("pl", "en")]
    public async Task Speaks_the_recipients_language_or_English(string language, string expected)
    {
        using var read = await ThroughTheWireAsync(Due(NotificationClass.Duty, language));
        Assert.Equal(expected, read.Body!.Headers[HeaderId.ContentLanguage]);
    }

    [Fact]
    public async Task Gives_the_same_delivery_the_same_message_id_each_time()
    {
        var due = Due(NotificationClass.Duty, "en");
        using var first = await ThroughTheWireAsync(due);
        using var second = await ThroughTheWireAsync(due with { Attempt = 2, Lease = Guid.CreateVersion7() });

        Assert.Equal($"{due.DeliveryId}@poc.example", first.MessageId);
        Assert.Equal(first.MessageId, second.MessageId);
    }

    [Theory]
    [InlineData("name@example.org\r\nBcc: other@example.org")]
    [InlineData("name@example.org, other@example.org")]
    public void Refuses_a_stored_address_that_could_become_another_header(string address) =>
        Assert.Throws<UnsafeAddressException>(() => _composition.Compose(Due(NotificationClass.Duty, "en") with { Email = address }));

    [Fact]
    public void Shows_nothing_but_its_name_when_it_is_logged()
    {
        var due = Due(NotificationClass.Duty, "en");
        Assert.Equal($"deliveries/{due.DeliveryId}", $"{due}");
    }

    private static DueMail Due(NotificationClass @class, string language) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), Attempt: 1, "section-01", @class, Secret, "section-01@story.example", language,
        new DateTimeOffset(2021, 2, 24, 10, 0, 0, TimeSpan.Zero), TraceParent: null, TraceState: null);

    private async Task<MimeMessage> ThroughTheWireAsync(DueMail due)
    {
        using var message = _composition.Compose(due);
        var bytes = new MemoryStream();
        await message.WriteToAsync(bytes, TestContext.Current.CancellationToken);
        bytes.Position = 0;
        return await MimeMessage.LoadAsync(bytes, TestContext.Current.CancellationToken);
    }
}
