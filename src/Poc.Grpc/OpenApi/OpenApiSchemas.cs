using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace Poc.Grpc.OpenApi;

/// <summary>JSON Schemas of messages, as protobuf's own JSON form has them; each message once.</summary>
internal sealed class OpenApiSchemas(ProtoComments comments)
{
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    /// <summary>Those that were referred to, by name.</summary>
    public JsonObject ToJson() => new(_schemas.Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <summary>A reference to the message's schema, or the schema itself where JSON has a form of its own for it.</summary>
    public JsonObject Of(MessageDescriptor message)
    {
        switch (message.FullName)
        {
            case "google.protobuf.Timestamp":
                return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
            case "google.protobuf.Duration":
                return new JsonObject { ["type"] = "string", ["pattern"] = @"^-?\d+(\.\d{1,9})?s$" };
            case "google.protobuf.Any":
                return new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject { ["@type"] = new JsonObject { ["type"] = "string" } },
                    ["required"] = new JsonArray("@type"),
                    ["additionalProperties"] = true,
                };
        }

        if (!_schemas.ContainsKey(message.FullName))
        {
            _schemas.Add(message.FullName, []); // Before its fields: a message may hold itself.
            _schemas[message.FullName] = Object(message, new HashSet<string>());
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{message.FullName}" };
    }

    /// <summary>The message's schema without the fields that are in the path.</summary>
    public JsonObject Object(MessageDescriptor message, IReadOnlySet<string> inPath)
    {
        var fields = message.Fields.InDeclarationOrder().Where(field => !inPath.Contains(field.Name)).ToList();
        var schema = new JsonObject { ["type"] = "object" };
        Describe(schema, comments.Of(message));
        schema["properties"] = new JsonObject(fields.Select(field => KeyValuePair.Create(field.JsonName, (JsonNode?)Of(field))));
        var required = fields.Where(IsRequired).Select(static field => (JsonNode?)field.JsonName).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }

        // Unknown fields are refused, so that a misspelt one is not lost.
        schema["additionalProperties"] = false;
        return schema;
    }

    /// <summary>A field's schema, with its comment.</summary>
    public JsonObject Of(FieldDescriptor field)
    {
        var one = field.IsMap
            ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(field.MessageType.FindFieldByNumber(2)) }
            : field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = Value(field) } : Value(field);
        var comment = comments.Of(field);
        Describe(one, comment);
        if (comment.StartsWith("Output only", StringComparison.Ordinal))
        {
            one["readOnly"] = true;
        }

        return one;
    }

    /// <summary>Whether the proto says so: its comment has "Required" as a sentence or at the head of one.</summary>
    public bool IsRequired(FieldDescriptor field)
    {
        var comment = comments.Of(field);
        return comment.Contains("Required.", StringComparison.Ordinal) || comment.Contains("Required, 1 to", StringComparison.Ordinal) || comment.Contains("Required, at most", StringComparison.Ordinal);
    }

    private JsonObject Value(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Of(field.MessageType),
        FieldType.Enum => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. field.EnumType.Values.Select(static value => (JsonNode?)value.Name)]) },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.Double or FieldType.Float => new JsonObject { ["type"] = "number" },
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        FieldType.UInt32 or FieldType.Fixed32 => new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
        // 64 bits do not fit into a JavaScript number: JSON has them as text.
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        FieldType.UInt64 or FieldType.Fixed64 => new JsonObject { ["type"] = "string", ["format"] = "uint64" },
        FieldType.String => new JsonObject { ["type"] = "string" },
        _ => throw new NotSupportedException($"{field.FullName} has the type {field.FieldType}, which has no JSON form here."),
    };

    private static void Describe(JsonObject schema, string comment)
    {
        if (comment.Length > 0)
        {
            schema["description"] = comment;
        }
    }
}
