using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;

namespace Poc.Grpc.OpenApi;

/// <summary>An OpenAPI 3.1 document of what a server answers over JSON, made from the descriptors and comments of its protos: it cannot say anything else than they do.</summary>
internal sealed partial class OpenApiDocument
{
    private static readonly (string Name, Func<HttpRule, string> Path)[] _verbs =
        [("get", static rule => rule.Get), ("put", static rule => rule.Put), ("post", static rule => rule.Post), ("delete", static rule => rule.Delete), ("patch", static rule => rule.Patch)];

    private readonly ProtoComments _comments = new();
    private readonly OpenApiSchemas _schemas;
    private readonly JsonObject _paths = [];

    private OpenApiDocument() => _schemas = new OpenApiSchemas(_comments);

    /// <param name="title">What the server is.</param>
    /// <param name="endpoints">Its endpoints; those without JSON are passed over.</param>
    public static JsonObject Of(string title, IEnumerable<Microsoft.AspNetCore.Http.Endpoint> endpoints)
    {
        var document = new OpenApiDocument();
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is { } json)
            {
                document.Add(json.MethodDescriptor, json.HttpRule, endpoint.Metadata.GetMetadata<AllowAttribute>()?.Roles ?? []);
            }
        }

        return document.ToJson(title);
    }

    private void Add(MethodDescriptor method, HttpRule rule, IReadOnlyList<string> roles)
    {
        var (verb, template) = _verbs.Select(verb => (verb.Name, Path: verb.Path(rule))).Single(static verb => verb.Path.Length > 0);
        var inPath = new HashSet<string>(StringComparer.Ordinal);
        var parameters = new JsonArray();
        var path = Variable().Replace(template, match =>
        {
            inPath.Add(match.Groups["field"].Value);
            return Expand(match.Groups["segments"].Value, parameters);
        });
        var comment = _comments.Of(method, method.InputType.ClrType);
        var operation = new JsonObject
        {
            ["operationId"] = _paths.Select(static known => known.Value!.AsObject()).Any(known => known.Any(item => (string?)item.Value!["operationId"] == $"{method.Service.Name}_{method.Name}"))
                ? $"{method.Service.Name}_{method.Name}_{_paths.Count}"
                : $"{method.Service.Name}_{method.Name}",
            ["tags"] = new JsonArray(method.Service.Name),
            ["summary"] = comment.Split(". ")[0].TrimEnd('.'),
            ["description"] = comment,
        };
        if (rule.Body == "*")
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(inPath.Count == 0 ? _schemas.Of(method.InputType) : _schemas.Object(method.InputType, inPath)) };
        }
        else
        {
            // Without a body, what is not in the path is in the query; messages have no place there.
            foreach (var field in method.InputType.Fields.InDeclarationOrder().Where(field => !inPath.Contains(field.Name) && field.FieldType != FieldType.Message))
            {
                parameters.Add(new JsonObject { ["name"] = field.JsonName, ["in"] = "query", ["required"] = _schemas.IsRequired(field), ["schema"] = _schemas.Of(field) });
            }
        }

        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = method.IsServerStreaming ? "A stream: one JSON object a line, each sent as soon as it is there." : _comments.Of(method.OutputType) is { Length: > 0 } text ? text : "Done.",
                ["content"] = Content(_schemas.Of(method.OutputType)),
            },
            ["default"] = new JsonObject { ["$ref"] = "#/components/responses/error" },
        };
        var open = roles.Contains(Roles.Anonymous, StringComparer.Ordinal);
        operation["security"] = open ? new JsonArray(new JsonObject()) : new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }, new JsonObject { ["bearer"] = new JsonArray() });
        operation["x-allowed-roles"] = new JsonArray([.. roles.Select(static role => (JsonNode?)role)]);
        if (!_paths.ContainsKey(path))
        {
            _paths[path] = new JsonObject();
        }

        _paths[path]!.AsObject()[verb] = operation;
    }

    // partners/*/requests/* as partners/{partner}/requests/{request}, each variable named after the collection before it.
    private static string Expand(string segments, JsonArray parameters)
    {
        var parts = segments.Split('/');
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i] == "*")
            {
                var name = parts[i - 1].TrimEnd('s');
                parts[i] = $"{{{name}}}";
                parameters.Add(new JsonObject { ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } });
            }
        }

        return string.Join('/', parts);
    }

    private static JsonObject Content(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private JsonObject ToJson(string title)
    {
        var status = _schemas.Of(Status.Descriptor);
        _schemas.Of(ErrorInfo.Descriptor);
        _schemas.Of(BadRequest.Descriptor);
        _schemas.Of(RetryInfo.Descriptor);
        _schemas.Of(QuotaFailure.Descriptor);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = title,
                ["version"] = "v1",
                ["description"] = "Every method is a gRPC method too. Errors are google.rpc.Status; its details hold google.rpc.ErrorInfo with a reason, and as the case may be BadRequest, RetryInfo and QuotaFailure.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["paths"] = _paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = _schemas.ToJson(),
                ["responses"] = new JsonObject { ["error"] = new JsonObject { ["description"] = "Refused or failed; `details` says why.", ["content"] = Content(status) } },
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-api-key", ["description"] = "A partner's key, `poc_{id}_{secret}`." },
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "A token of a member of staff." },
                },
            },
        };
    }

    [GeneratedRegex(@"\{(?<field>[a-z_.]+)(=(?<segments>[^}]+))?\}")]
    private static partial Regex Variable();
}
