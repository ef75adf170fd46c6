using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Partners;

/// <summary>Names the class under which a partner's calls of the method are allowed and counted (<see cref="CallLimits"/>). A method without it is closed to partners.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class CountsAsAttribute(MethodClass methodClass) : Attribute
{
    /// <summary>The class.</summary>
    public MethodClass MethodClass { get; } = methodClass;
}
