using Poc.Story.Stack;

namespace Poc.Story.Tests.Stack;

public sealed class StepIdTests
{
    // Reckoned with Python's uuid.uuid5 from the same namespace.
    [Fact]
    public void Is_a_UUID_of_version_5() => Assert.Equal("4f81c2db-28f8-5ac5-9017-5ed1beb35802", StepId.Of("request/urgent"));

    [Fact]
    public void Differs_from_step_to_step() => Assert.NotEqual(StepId.Of("request/burst/001"), StepId.Of("request/burst/002"));
}
