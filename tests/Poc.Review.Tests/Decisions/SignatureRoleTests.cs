using Poc.Review.Decisions;

namespace Poc.Review.Tests.Decisions;

public sealed class SignatureRoleTests
{
    private static readonly string[] Required = ["panel-chair", "approver"];

    [Fact]
    public void Is_the_first_open_role_the_caller_has()
    {
        Assert.Equal("approver", SignatureRole.Of(Required, [], new HashSet<string> { "approver", "reviewer" }));
        Assert.Equal("approver", SignatureRole.Of(Required, ["panel-chair"], new HashSet<string> { "approver", "panel-chair" }));
        Assert.Null(SignatureRole.Of(Required, ["panel-chair"], new HashSet<string> { "panel-chair" }));
    }

    [Fact]
    public void Is_complete_with_every_role_and_not_before()
    {
        Assert.False(SignatureRole.IsComplete(Required, ["approver"]));
        Assert.True(SignatureRole.IsComplete(Required, ["approver", "panel-chair"]));
    }
}
