using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;
using Poc.Protocols;

namespace Poc.Review.Decisions;

/// <summary>
/// A decision as one HTML page for a reader who has nothing else. No scripts, nothing loaded, readable on paper and by a screen reader. What was signed is in it byte for byte: the page
/// explains it, and proves nothing itself.
/// </summary>
internal static class DecisionDocument
{
    private const string Style = """
        :root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:0 auto;padding:1rem}
        h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
        blockquote,.prose{white-space:pre-wrap;overflow-wrap:anywhere}blockquote{margin:.5rem 0;padding-left:1rem;border-left:4px solid}
        .notice{border:2px solid;padding:.5rem 1rem;font-weight:600}code,pre{overflow-wrap:anywhere;white-space:pre-wrap}
        """;

    /// <summary>The page.</summary>
    /// <param name="decision">The decision, or a draft of one.</param>
    /// <param name="dossier">The review it came out of.</param>
    /// <param name="subject">Who it is about.</param>
    /// <param name="rules">The version of the rules it was made under.</param>
    /// <param name="content">What was signed (<see cref="DecisionContent"/>); empty while it is not in force.</param>
    public static string Write(Decision decision, Dossier dossier, Subject subject, Rules rules, string content)
    {
        var page = new StringBuilder();
        var who = subject.Transliterations.Count == 0 ? subject.NativeName : $"{subject.NativeName} ({string.Join(", ", subject.Transliterations)})";
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Text(decision.Name)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<main>\n<h1>{Text(Meaning(decision.Outcome))}: <bdi>{Text(who)}</bdi></h1>\n");
        if (subject.Synthetic)
        {
            page.Append("<p class=\"notice\">Synthetic: made up for a demonstration or a test.</p>\n");
        }

        if (Standing(decision) is { } standing)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"notice\">{standing}</p>\n");
        }

        var episode = subject.Episodes.FirstOrDefault(one => one.Name == decision.Episode);
        Facts(page,
            ("Decision", decision.Name),
            ("Question", Question(dossier.Question)),
            ("Detention", episode is null ? decision.Episode : $"since {episode.DetainedOn}: {episode.Description}"),
            ("Holds from", decision.EffectiveOn),
            ("Votes", string.Create(CultureInfo.InvariantCulture, $"{decision.Tally.ForCount} for, {decision.Tally.AgainstCount} against, {decision.Tally.AbstainCount} abstained, of {decision.Tally.EligibleCount} who could vote")),
            ("Corrects", decision.Corrects));

        Section(page, "Why", decision.Reasons);
        WriteCitations(page, decision, content);
        WriteRules(page, dossier.Question, rules);
        WritePrecedents(page, decision);
        WriteDissents(page, decision);
        var reply = dossier.RightOfReply;
        Section(page, "Right of reply", reply is null ? "Nothing is on record." : $"{(reply.Given ? "Given" : "Not given")}, {reply.Dated}: {reply.Reason}");
        Section(page, "What campaigns and pressure there were", decision.PressureDisclosure);
        Section(page, "Who may exploit this, and the answer", decision.HarmForecast);
        WriteSignatures(page, decision);
        WriteCheck(page, content);
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void WriteCitations(StringBuilder page, Decision decision, string content)
    {
        page.Append("<h2>The words that counted</h2>\n");
        var signed = content.Length == 0 ? null : JsonNode.Parse(content)!["citations"]!.AsArray();
        page.Append("<ol>\n");
        for (var i = 0; i < decision.Citations.Count; i++)
        {
            var citation = decision.Citations[i];
            page.Append("<li>\n");
            if (citation.Span?.Text is { } words)
            {
                page.Append(CultureInfo.InvariantCulture, $"<blockquote dir=\"auto\">{Text(words.Exact)}</blockquote>\n");
            }

            Facts(page,
                ("Statement", citation.Statement),
                ("Read in", citation.TranslationVersion == 0 ? "the original" : string.Create(CultureInfo.InvariantCulture, $"the translation into {citation.TranslationLanguage}, version {citation.TranslationVersion}")),
                ("Where", Place(citation.Span)),
                ("SHA-256 of the statement as it was signed", signed is null ? "" : (string)signed[i]!["contentSha256"]!));
            page.Append("</li>\n");
        }

        page.Append("</ol>\n");
    }

    private static void WriteRules(StringBuilder page, QuestionType question, Rules rules)
    {
        page.Append("<h2>Under which rules</h2>\n");
        Facts(page, ("Protocol", $"{rules.Name}: {rules.Title}"), ("SHA-256 of its document", Convert.ToHexStringLower(rules.DocumentSha256)),
            ("Quorum", string.Create(CultureInfo.InvariantCulture, $"{rules.Quorum} ballots")), ("Signed by", string.Join(", ", rules.Signatures)), ("May appeal", string.Join(", ", rules.Appellants)));
        page.Append("<p>Its criteria for this question:</p>\n");
        Facts(page, [.. rules.Criteria.Where(criterion => criterion.Questions.Contains(question)).Select(static criterion => ($"{criterion.Id}, {criterion.Paragraph}", criterion.Text))]);
    }

    private static void WritePrecedents(StringBuilder page, Decision decision)
    {
        page.Append("<h2>Earlier decisions it was compared with</h2>\n");
        if (decision.Precedents.Count == 0)
        {
            page.Append("<p>None.</p>\n");
        }

        Facts(page, [.. decision.Precedents.Select(static one => (one.Precedent, one.Departs ? $"treated differently because {one.Because}" : $"followed. {one.Because}".Trim()))]);
    }

    private static void WriteDissents(StringBuilder page, Decision decision)
    {
        page.Append("<h2>Who disagreed</h2>\n");
        if (decision.Dissents.Count == 0)
        {
            page.Append("<p>Nobody put a dissent on record.</p>\n");
        }

        foreach (var dissent in decision.Dissents)
        {
            page.Append(CultureInfo.InvariantCulture, $"<blockquote dir=\"auto\">{Text(dissent.Text)}</blockquote>\n<p>{(dissent.Author.Length == 0 ? "A member of the panel who is not named" : Text(dissent.Author))}</p>\n");
        }
    }

    private static void WriteSignatures(StringBuilder page, Decision decision)
    {
        page.Append("<h2>Signatures</h2>\n");
        Facts(page, [("Drafted by", decision.DraftedBy), .. decision.Signatures.Select(static one => ($"As {one.Role}", $"{one.Staff}, {one.SignedAt.ToDateTimeOffset().ToString("u", CultureInfo.InvariantCulture)}"))]);
    }

    private static void WriteCheck(StringBuilder page, string content)
    {
        page.Append("<h2>How to check it</h2>\n");
        if (content.Length == 0)
        {
            page.Append("<p>It is not in force: there is nothing to check yet.</p>\n");
            return;
        }

        var hash = Convert.ToHexStringLower(DecisionContent.Hash(content));
        page.Append(CultureInfo.InvariantCulture, $"""
            <ol>
            <li>Save <a download="decision.json" href="data:application/json;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(content))}">what was signed</a>: canonical JSON (RFC 8785), as it stands below, without a line break at its end.</li>
            <li><code>sha256sum decision.json</code> must give <code>{hash}</code>. The archive's log has an entry of kind <code>decision</code> with this hash; whoever has the log, or a proof of that entry and a checkpoint, knows that no other text was signed.</li>
            <li>Everything this page says of reasons, words, votes, dissent, pressure and harm must stand in it. The signatures came after it and are not in it.</li>
            <li>The words: an export of the cited statements (<code>poc archive export</code>) holds them with proofs; <code>poc-verify</code> checks it without asking anybody.</li>
            </ol>
            <pre dir="ltr">{Text(content)}</pre>

            """);
    }

    private static void Section(StringBuilder page, string title, string prose) =>
        page.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>\n<p class=\"prose\" dir=\"auto\">{Text(prose)}</p>\n");

    // What is empty is left out.
    private static void Facts(StringBuilder page, params IReadOnlyList<(string Name, string Value)> facts)
    {
        page.Append("<dl>\n");
        foreach (var (name, value) in facts.Where(static fact => fact.Value.Length > 0))
        {
            page.Append(CultureInfo.InvariantCulture, $"<dt>{Text(name)}</dt><dd dir=\"auto\">{Text(value)}</dd>\n");
        }

        page.Append("</dl>\n");
    }

    private static string Place(Span? span) => span?.KindCase switch
    {
        Span.KindOneofCase.Text => string.Create(CultureInfo.InvariantCulture, $"code points {span.Text.Start} to {span.Text.End}"),
        Span.KindOneofCase.Media => string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(span.Media.StartMs):g} to {TimeSpan.FromMilliseconds(span.Media.EndMs):g} of the recording"),
        _ => "the whole statement",
    };

    private static string? Standing(Decision decision) => decision.Publicity switch
    {
        Publicity.Public => null,
        Publicity.Embargoed => "Embargoed: in force, and not public yet.",
        _ => "A draft: not signed by all who must sign, and not in force.",
    };

    private static string Question(QuestionType question) => question switch
    {
        QuestionType.Designate => "Is this person a prisoner of conscience?",
        QuestionType.Delist => "Should the label be taken away?",
        QuestionType.Redesignate => "Should the label be given again?",
        QuestionType.Appeal => "Should the decision that is appealed be overturned?",
        _ => throw new ArgumentOutOfRangeException(nameof(question), question, "There is no such question."),
    };

    private static string Meaning(Outcome outcome) => outcome switch
    {
        Outcome.Designated => "Prisoner of conscience",
        Outcome.Declined => "Not named a prisoner of conscience",
        Outcome.Maintained => "Still a prisoner of conscience",
        Outcome.LabelWithdrawn => "No longer named a prisoner of conscience",
        Outcome.Redesignated => "Prisoner of conscience again",
        Outcome.AppealDismissed => "Appeal dismissed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "There is no such outcome."),
    };

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
