using System.Text.Json;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Requests.Files;

/// <summary>
/// Declared templates from a file, in one of three forms that tell themselves apart: CSV with the columns <c>id, text</c>; JSON, an array of <c>{"id": …, "text": …}</c> or one object
/// <c>{"id": "text", …}</c>; or plain text in blocks divided by lines of three and more dashes, where a block may begin with a line <c>id: name</c> (else it is <c>template-1</c> and so on).
/// Fields to fill in may be written <c>{name}</c>, <c>[city]</c>, <c>&lt;date&gt;</c>, <c>%s</c> or left blank.
/// </summary>
public static class TemplateFile
{
    /// <summary>Reads the file.</summary>
    /// <exception cref="InputException">It is in none of the forms, or a template has no id, no text, or an id that was there before.</exception>
    public static IReadOnlyList<DeclaredTemplate> Read(string path)
    {
        var text = File.ReadAllText(path).TrimStart('\ufeff');
        var templates = text.TrimStart() switch
        {
            "" => throw new InputException($"{path}: the file is empty"),
            ['[' or '{', ..] start when IsJson(start) => Json(path, text),
            _ when IsCsv(text) => Csv(path),
            _ => Blocks(path, text),
        };

        var twice = templates.GroupBy(static template => template.Id).FirstOrDefault(static group => group.Count() > 1);
        return twice is null ? templates : throw new InputException($"{path}: the template id \"{twice.Key}\" is there {twice.Count()} times");
    }

    // A letter may begin with a field in brackets; JSON goes on with a quotation mark, an object or its end.
    private static bool IsJson(string start) => start[1..].TrimStart() is ['"' or '{' or ']' or '}', ..];

    private static bool IsCsv(string text)
    {
        var header = text.Split('\n', 2)[0].Trim().ToLowerInvariant().Replace("\"", "", StringComparison.Ordinal).Split(',', StringSplitOptions.TrimEntries);
        return header.Contains("id") && header.Contains("text");
    }

    private static List<DeclaredTemplate> Csv(string path)
    {
        using var rows = RowReader.Open(path, ["id", "text"]);
        var templates = new List<DeclaredTemplate>();
        while (rows.Read())
        {
            templates.Add(Checked($"{path}: line {rows.Line}", rows.Text(0), rows.Text(1)));
        }

        return rows.Issues.Rejected == 0 ? templates : throw new InputException($"{path}: {rows.Issues.First[0]}");
    }

    private static List<DeclaredTemplate> Json(string path, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. document.RootElement.EnumerateObject().Select(member => Checked($"{path}: member \"{member.Name}\"", member.Name, Text(member.Value)))]
                : [.. document.RootElement.EnumerateArray().Select((element, i) => Checked($"{path}: element {i + 1}", Member(element, "id"), Member(element, "text")))];
        }
        catch (JsonException problem)
        {
            throw new InputException($"{path}: line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}: no valid JSON");
        }
    }

    private static string Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Text(value) : "";

    private static string Text(JsonElement value) => value.ValueKind switch { JsonValueKind.String => value.GetString()!, JsonValueKind.Number => value.GetRawText(), _ => "" };

    private static List<DeclaredTemplate> Blocks(string path, string text)
    {
        var templates = new List<DeclaredTemplate>();
        var block = new List<string>();
        foreach (var line in text.Split('\n').Append("---"))
        {
            var trimmed = line.Trim();
            if (trimmed.Length < 3 || trimmed.Any(static letter => letter != '-'))
            {
                block.Add(line.TrimEnd('\r'));
                continue;
            }

            block.RemoveRange(0, block.TakeWhile(string.IsNullOrWhiteSpace).Count());
            if (block.Count > 0)
            {
                var named = block[0].StartsWith("id:", StringComparison.OrdinalIgnoreCase);
                templates.Add(Checked($"{path}: block {templates.Count + 1}", named ? block[0][3..].Trim() : $"template-{templates.Count + 1}", string.Join('\n', block.Skip(named ? 1 : 0))));
            }

            block.Clear();
        }

        return templates;
    }

    private static DeclaredTemplate Checked(string where, string id, string text) =>
        id.Length == 0 ? throw new InputException($"{where}: a template needs an id")
        : string.IsNullOrWhiteSpace(text) ? throw new InputException($"{where}: the template \"{id}\" has no text")
        : new DeclaredTemplate(id, text);
}
