using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using MassTransit;
using ClrType = System.Type; // "Type" alone is the namespace of the protos' shared types

namespace Poc.Contracts.Events;

/// <summary>Every event of this version by its pinned name, and the JSON it has on the wire. The name, never the CLR type, is an event's identity.</summary>
public static class EventCatalogue
{
    /// <summary>Before the pinned name in a message's list of types on the bus.</summary>
    public const string WirePrefix = "urn:message:";

    private static readonly ConcurrentDictionary<ClrType, string> Urns = new();

    private static readonly FrozenDictionary<string, ClrType> Types = typeof(EventCatalogue).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IEvent)))
        .ToFrozenDictionary(UrnOf, StringComparer.Ordinal);

    /// <summary>All event types of this version.</summary>
    public static IReadOnlyCollection<ClrType> All => Types.Values;

    /// <summary>
    /// How events are written in the outbox, in parked rows and on the bus: camelCase, enums by name, nulls written, other scripts unescaped. Reading is
    /// strict about what a record requires (a missing or null value is a <see cref="JsonException"/>) and ignores properties that a later version added: a
    /// property added to a published event therefore needs a default value in the record's constructor.
    /// </summary>
    public static JsonSerializerOptions Json { get; } = CreateJson();

    /// <summary>The pinned name, for example <c>poc.intake.v1.request-received</c>.</summary>
    /// <exception cref="ArgumentException">The type has no <see cref="MessageUrnAttribute"/>.</exception>
    public static string UrnOf(ClrType type) => Urns.GetOrAdd(type, static t =>
        t.GetCustomAttribute<MessageUrnAttribute>()?.Urn is { } urn
            ? urn.OriginalString[WirePrefix.Length..]
            : throw new ArgumentException($"{t} is not an event: it has no [MessageUrn].", nameof(type)));

    /// <summary>The type with this pinned name, or null when this version does not know it.</summary>
    public static ClrType? TypeOf(string urn) => Types.GetValueOrDefault(urn);

    private static JsonSerializerOptions CreateJson()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
            NumberHandling = JsonNumberHandling.Strict,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
