using System.Globalization;

namespace Poc.Campaigns.Bench;

/// <summary>Generated data as files that <c>poc campaigns analyze --kind requests</c> takes.</summary>
internal static class GeneratedFiles
{
    internal static void Write(GeneratorSettings settings, DirectoryInfo folder)
    {
        folder.Create();
        var (letters, templates) = CampaignGenerator.Make(settings);
        Write(folder, "requests.csv", "id,ts,account,org,lang,text,urls", letters.Select(static one => one.Request)
            .Select(static request => (string[])[request.Id, request.At.ToString(CultureInfo.InvariantCulture), request.Account, request.Organisation, request.Language, request.Text, string.Join(' ', request.Urls)]));
        Write(folder, "templates.csv", "id,text", templates.Select(static template => (string[])[template.Id, template.Text]));
        Write(folder, "truth.csv", "id,kind,campaign", letters.Select(static one => (string[])[one.Request.Id, one.Kind, one.Campaign ?? ""]));
    }

    private static void Write(DirectoryInfo folder, string name, string header, IEnumerable<string[]> rows) =>
        File.WriteAllText(Path.Combine(folder.FullName, name), string.Concat(rows.Select(static row => string.Join(',', row.Select(Quoted)) + "\n").Prepend(header + "\n")));

    private static string Quoted(string value) => value.AsSpan().ContainsAny(",\"\n\r") ? "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : value;
}
