using System.Reflection;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>The kernel is rules without I/O.</summary>
public sealed class KernelTests
{
    private static readonly string[] Io = ["Npgsql", "Grpc.", "MassTransit", "StackExchange", "MailKit", "Microsoft.AspNetCore", "Microsoft.Extensions", "System.Net.", "System.IO.FileSystem"];

    [Fact]
    public void The_kernel_knows_nothing_that_does_io() => Assert.Empty(IoReferences(Assembly.Load("Poc.Kernel")));

    [Fact]
    public void The_rule_finds_a_service_that_does() => Assert.Contains("Npgsql", IoReferences(Assembly.Load("Poc.Intake")));

    private static IEnumerable<string> IoReferences(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => Io.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
}
