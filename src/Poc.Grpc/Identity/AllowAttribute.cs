namespace Poc.Grpc;

/// <summary>
/// Names the roles that may call a gRPC method; one of them is enough. A method without it is refused for everybody. <see cref="Roles.Anonymous"/> opens a
/// method to callers without a credential as well; a credential that is presented and not valid is refused even there.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class AllowAttribute(params string[] roles) : Attribute
{
    /// <summary>The roles, see <see cref="Poc.Grpc.Roles"/>.</summary>
    public IReadOnlyList<string> Roles { get; } = roles;
}
