using System.Reflection;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>A slice is a class with <c>HandleAsync</c>. It does its own work: slices do not call slices.</summary>
public sealed class SliceTests
{
    [Fact]
    public void Slices_do_not_call_slices() =>
        Assert.Empty(Repository.Services.SelectMany(service => CallsToOtherSlices(service.GetTypes())));

    [Fact]
    public void Every_service_has_slices() =>
        Assert.All(Repository.Services, service => Assert.Contains(service.GetTypes(), IsSlice));

    [Fact]
    public void The_rule_finds_a_slice_that_takes_another() =>
        Assert.Equal(["Wrong takes Right"], CallsToOtherSlices([typeof(Wrong), typeof(Right)]));

    /// <summary>Where a partner's call sees the rows of others, on purpose. Each of them says why beside it.</summary>
    [Fact]
    public void Only_these_slices_look_beyond_the_rows_of_their_caller() =>
        Assert.Equal(
            ["ContestCampaign.cs", "ListCampaigns.cs"],
            Repository.ServiceNames.SelectMany(Repository.SourceFiles).Where(static file => File.ReadAllText(file).Contains(".WidenAsync(", StringComparison.Ordinal)).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    private static IEnumerable<string> CallsToOtherSlices(IEnumerable<Type> types) =>
        from slice in types.Where(IsSlice)
        from parameter in slice.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).SelectMany(constructor => constructor.GetParameters())
        where IsSlice(parameter.ParameterType)
        select $"{slice.Name} takes {parameter.ParameterType.Name}";

    private static bool IsSlice(Type type) =>
        type is { IsClass: true, IsAbstract: false } && type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly).Any(method => method.Name == "HandleAsync");

    private sealed class Right
    {
        public Task HandleAsync() => Task.CompletedTask;
    }

    private sealed class Wrong(Right right)
    {
        public Task HandleAsync() => right.HandleAsync();
    }
}
