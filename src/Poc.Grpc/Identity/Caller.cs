using System.Collections.Frozen;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>Who calls, as its credential proves it.</summary>
/// <param name="Id"><c>partners/{p}</c>, <c>staff/{s}</c>, <c>services/{s}</c> or <c>anonymous</c>. The tenant of a call comes from here, never from a
/// message.</param>
/// <param name="Roles">What the caller may be, see <see cref="Poc.Grpc.Roles"/>.</param>
public sealed record Caller(string Id, IReadOnlySet<string> Roles)
{
    private static readonly AsyncLocal<Caller?> Ambient = new();

    /// <summary>
    /// Who calls, for code that is not handed the call: whatever a method runs or starts, also what goes on after its end. Null outside of calls, and until it is known who calls.
    /// </summary>
    public static Caller? Current { get => Ambient.Value; internal set => Ambient.Value = value; }

    /// <summary>The caller without a credential.</summary>
    public static Caller Anonymous { get; } = new(Poc.Grpc.Roles.Anonymous, FrozenSet.Create(StringComparer.Ordinal, Poc.Grpc.Roles.Anonymous));

    /// <summary>Whether the caller has the role.</summary>
    public bool Is(string role) => Roles.Contains(role);
}

/// <summary>Reads from a call what <see cref="MethodGate"/> found out about it.</summary>
public static class CallerExtensions
{
    /// <summary>Who calls; always there inside a method that was mapped with <c>MapPocGrpc</c>.</summary>
    /// <exception cref="InvalidOperationException">The method was mapped in another way, so that nobody asked who calls.</exception>
    public static Caller Caller(this ServerCallContext context) =>
        context.GetHttpContext().Features.Get<Caller>()
        ?? throw new InvalidOperationException($"{context.Method} is not mapped with MapPocGrpc: its caller is not known.");

    /// <summary>Says who calls to all that the calling method goes on to run; what called it is not told.</summary>
    internal static void Admit(this HttpContext call, Caller caller)
    {
        call.Features.Set(caller);
        Poc.Grpc.Caller.Current = caller;
    }
}
