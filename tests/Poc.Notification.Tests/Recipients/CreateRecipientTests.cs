using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Recipients;

public sealed class CreateRecipientTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Registers_a_recipient_and_answers_a_repetition_with_the_same()
    {
        var request = Request();
        var first = await _stack.Client.CreateRecipientAsync(request, _stack.Administrator);
        var second = await _stack.Client.CreateRecipientAsync(request, _stack.Administrator);

        Assert.Equal($"recipients/{request.RecipientId}", first.Recipient.Name);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Refuses_an_id_that_is_taken_and_a_second_record_for_a_member_of_staff()
    {
        var request = Request(Audience.Staff);
        await _stack.Client.CreateRecipientAsync(request, _stack.Administrator);

        var sameId = Request();
        sameId.RecipientId = request.RecipientId;
        var sameStaff = Request(Audience.Staff);
        sameStaff.Recipient.Staff = request.Recipient.Staff;

        Assert.Equal((StatusCode.AlreadyExists, "RECIPIENT_EXISTS"), await RefusalAsync(_stack.Client.CreateRecipientAsync(sameId, _stack.Administrator)));
        Assert.Equal((StatusCode.AlreadyExists, "RECIPIENT_EXISTS"), await RefusalAsync(_stack.Client.CreateRecipientAsync(sameStaff, _stack.Administrator)));
    }

    [Fact]
    public async Task Refuses_another_request_under_the_same_request_id()
    {
        var request = Request();
        await _stack.Client.CreateRecipientAsync(request, _stack.Administrator);
        request.Recipient.Language = "de";

        Assert.Equal((StatusCode.AlreadyExists, "REQUEST_ID_REUSED"), await RefusalAsync(_stack.Client.CreateRecipientAsync(request, _stack.Administrator)));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var fields = await InvalidFieldsAsync(_stack.Client.CreateRecipientAsync(new CreateRecipientRequest { RecipientId = "A" }, _stack.Administrator));

        Assert.Equal(["request_id", "recipient_id", "recipient.display_name", "recipient.audience", "recipient.email", "recipient.language"], fields);
    }

    [Theory]
    [InlineData("name@example.org\r\nBcc: other@example.org")]
    [InlineData("name@example.org\n")]
    [InlineData("name@example.org, other@example.org")]
    public async Task Refuses_an_address_that_could_become_another_header(string email)
    {
        var request = Request();
        request.Recipient.Email = email;

        Assert.Equal(["recipient.email"], await InvalidFieldsAsync(_stack.Client.CreateRecipientAsync(request, _stack.Administrator)));
    }

    [Theory]
    [InlineData("en\r\nX-Injected: 1")]
    [InlineData("e")]
    [InlineData("en_US")]
    public async Task Refuses_what_is_no_language(string language)
    {
        var request = Request();
        request.Recipient.Language = language;

        Assert.Equal(["recipient.language"], await InvalidFieldsAsync(_stack.Client.CreateRecipientAsync(request, _stack.Administrator)));
    }

    [Fact]
    public async Task Refuses_staff_without_a_name_and_a_display_name_of_two_lines()
    {
        var request = Request(Audience.Staff);
        request.Recipient.Staff = "";
        request.Recipient.DisplayName = "one\ntwo";

        Assert.Equal(
            ["recipient.display_name", "recipient.staff"],
            await InvalidFieldsAsync(_stack.Client.CreateRecipientAsync(request, _stack.Administrator)));
    }

    [Fact]
    public async Task Takes_roles_of_staff_alone()
    {
        var (partner, staff) = (Request(), Request(Audience.Staff));
        partner.Recipient.Roles.Add(Roles.IntakeOfficer);
        staff.Recipient.Roles.Add([Roles.PanelChair, Roles.Partner, "x"]);

        Assert.Equal(["recipient.roles"], await InvalidFieldsAsync(_stack.Client.CreateRecipientAsync(partner, _stack.Administrator)));
        Assert.Equal(["recipient.roles[1]", "recipient.roles[2]"], await InvalidFieldsAsync(_stack.Client.CreateRecipientAsync(staff, _stack.Administrator)));
    }

    [Fact]
    public async Task Is_for_administrators()
    {
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), await RefusalAsync(_stack.Client.CreateRecipientAsync(Request(), _stack.Spokesperson)));
        Assert.Equal((StatusCode.Unauthenticated, "CREDENTIAL_MISSING"), await RefusalAsync(_stack.Client.CreateRecipientAsync(Request())));
    }

    private static CreateRecipientRequest Request(Audience audience = Audience.Partners)
    {
        var id = NewId("r");
        return new CreateRecipientRequest
        {
            RequestId = NewRequestId(),
            RecipientId = id,
            Recipient = new Recipient
            {
                DisplayName = "A partner (synthetic)",
                Audience = audience,
                Email = audience == Audience.Staff ? "" : $"{id}@story.example",
                Staff = audience == Audience.Staff ? $"staff/{id}" : "",
                Language = "zh-Hant",
                Synthetic = true,
            },
        };
    }
}
