using System.Reflection;
using System.Text.RegularExpressions;
using Grpc.Core;
using Poc.Grpc;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>A gRPC method says who may call it, is there at all, and hands over to its slice in one line.</summary>
public sealed partial class GrpcMethodTests
{
    private static IEnumerable<Type> GrpcServices => Repository.Services.SelectMany(service => service.GetTypes()).Where(IsGrpcService);

    [Fact]
    public void Every_method_says_who_may_call_it() => Assert.Empty(GrpcServices.SelectMany(Closed));

    [Fact]
    public void Every_method_of_the_wire_is_there() => Assert.Empty(GrpcServices.SelectMany(Missing));

    [Fact]
    public void Every_service_of_the_wire_is_there() => Assert.Equal(14, GrpcServices.Count());

    [Fact]
    public void Every_method_is_one_line()
    {
        var files = Repository.ServiceNames.SelectMany(Repository.SourceFiles).Where(file => file.EndsWith("Grpc.cs", StringComparison.Ordinal)).ToList();
        Assert.Equal(14, files.Count);
        Assert.All(files, file => Assert.Empty(MethodsWithABody(File.ReadAllText(file))));
    }

    [Fact]
    public void The_rule_finds_a_method_without_callers() => Assert.Equal(["Open.Unguarded"], Closed(typeof(Open)));

    [Fact]
    public void The_rule_finds_a_method_that_is_not_there() => Assert.Contains("Open.Absent", Missing(typeof(Open)));

    [Fact]
    public void The_rule_finds_a_method_with_a_body() =>
        Assert.Single(MethodsWithABody("public override Task<A> Get(B request, ServerCallContext context)\n    {\n        return null;\n    }"));

    private static bool IsGrpcService(Type type) => type is { IsClass: true, IsAbstract: false } && type.BaseType?.GetCustomAttribute<BindServiceMethodAttribute>() is not null;

    private static IEnumerable<string> Closed(Type service) =>
        Methods(service).Where(method => method.DeclaringType == service && method.GetCustomAttribute<AllowAttribute>() is null).Select(method => $"{service.Name}.{method.Name}");

    private static IEnumerable<string> Missing(Type service) =>
        Methods(service).Where(method => method.DeclaringType != service).Select(method => $"{service.Name}.{method.Name}");

    private static IEnumerable<MethodInfo> Methods(Type service) =>
        service.GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(method => method.IsVirtual && method.GetParameters().LastOrDefault()?.ParameterType == typeof(ServerCallContext));

    private static IEnumerable<string> MethodsWithABody(string source) => Body().Matches(source).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"override\s+(?:async\s+)?\S+\s+(\w+)\([^)]*\)\s*\{")]
    private static partial Regex Body();

    [BindServiceMethod(typeof(OpenBase), "Bind")]
    private abstract class OpenBase
    {
        public virtual Task<string> Unguarded(string request, ServerCallContext context) => Task.FromResult(request);

        public virtual Task<string> Absent(string request, ServerCallContext context) => Task.FromResult(request);
    }

    private sealed class Open : OpenBase
    {
        public override Task<string> Unguarded(string request, ServerCallContext context) => Task.FromResult(request);
    }
}
