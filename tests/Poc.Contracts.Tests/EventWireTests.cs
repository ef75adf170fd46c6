using System.Runtime.CompilerServices;
using System.Text.Json;
using Poc.Contracts.Events;
using Xunit;

namespace Poc.Contracts.Tests;

/// <summary>The JSON of every event is kept in golden files: messages written by an older version wait in queues and outboxes and must be read by a newer one.</summary>
public sealed class EventWireTests
{
    public static TheoryData<string> Urns => [.. EventCatalogue.All.Select(EventCatalogue.UrnOf)];

    [Theory]
    [MemberData(nameof(Urns))]
    public void An_event_is_written_as_its_golden_file_says(string urn)
    {
        var file = GoldenFile(urn);
        var written = JsonSerializer.Serialize(Sample(EventCatalogue.TypeOf(urn)!), EventCatalogue.TypeOf(urn)!, EventCatalogue.Json);
        if (Environment.GetEnvironmentVariable("POC_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(file, written + "\n");
        }

        Assert.True(File.Exists(file), $"{file} is missing: POC_WRITE_GOLDEN=1 writes it; a change of an existing one needs a new event version.");
        Assert.Equal(File.ReadAllText(file).TrimEnd(), written);
    }

    [Theory]
    [MemberData(nameof(Urns))]
    public void A_golden_file_is_read_back_whole(string urn)
    {
        var type = EventCatalogue.TypeOf(urn)!;
        var read = JsonSerializer.Deserialize(File.ReadAllText(GoldenFile(urn)), type, EventCatalogue.Json);
        Assert.Equal(JsonSerializer.Serialize(Sample(type), type, EventCatalogue.Json), JsonSerializer.Serialize(read, type, EventCatalogue.Json));
    }

    [Theory]
    [MemberData(nameof(Urns))]
    public void A_field_of_the_future_is_passed_over(string urn)
    {
        var type = EventCatalogue.TypeOf(urn)!;
        var later = File.ReadAllText(GoldenFile(urn)).TrimEnd()[..^1] + ",\"fieldOfTheFuture\":{\"a\":[1]}}";
        Assert.Equal(((IEvent)Sample(type)).EventId, ((IEvent)JsonSerializer.Deserialize(later, type, EventCatalogue.Json)!).EventId);
    }

    [Fact]
    public void Every_golden_file_belongs_to_an_event()
    {
        var known = EventCatalogue.All.Select(type => GoldenFile(EventCatalogue.UrnOf(type))).ToHashSet(StringComparer.Ordinal);
        Assert.All(Directory.EnumerateFiles(Folder(), "*.json"), file => Assert.Contains(file, known));
    }

    [Fact]
    public void Every_event_of_the_assembly_is_in_the_catalogue()
    {
        var declared = typeof(IEvent).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IEvent).IsAssignableFrom(type));
        Assert.Equal(declared.OrderBy(type => type.FullName, StringComparer.Ordinal), EventCatalogue.All.OrderBy(type => type.FullName, StringComparer.Ordinal));
    }

    [Fact]
    public void An_unknown_urn_has_no_type() => Assert.Null(EventCatalogue.TypeOf("poc.intake.v1.never-heard-of"));

    // One value of every parameter's type, told apart by the parameter's name.
    private static object Sample(System.Type type)
    {
        var constructor = type.GetConstructors().Single(candidate => candidate.GetParameters().Length > 1);
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.Name!, parameter.ParameterType))]);
    }

    private static object Value(string name, System.Type type) => type switch
    {
        _ when type == typeof(Guid) => new Guid("018f3b1c-0000-7000-8000-000000000001"),
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2021, 2, 23, 9, 30, 0, TimeSpan.Zero),
        _ when type == typeof(DateOnly) => new DateOnly(2021, 1, 19),
        _ when type == typeof(string) => $"{name} Ж 人",
        _ when type == typeof(bool) => true,
        _ when type == typeof(int) => 7,
        _ when type == typeof(long) => 42L,
        _ when type == typeof(IReadOnlyList<string>) => new[] { $"{name} 1", $"{name} 2" },
        _ => throw new NotSupportedException($"Say here what a sample of {type} is, for {name}."),
    };

    private static string GoldenFile(string urn) => Path.Combine(Folder(), urn + ".json");

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden");
}
