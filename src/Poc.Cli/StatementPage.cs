using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;

namespace Poc.Cli;

/// <summary>A statement on one page: what is known, by whom, and how sure; where sources disagree, side by side.</summary>
internal static class StatementPage
{
    private const string NotKnown = "not known";
    private const int Width = 100;

    public static IEnumerable<string> Lines(Statement statement, IReadOnlyList<RetractionEntry> ledger) =>
    [
        statement.Name,
        new string('=', statement.Name.Length),
        statement.ContentKind switch
        {
            ContentKind.Verbatim => "The words themselves.",
            ContentKind.Description => "A neutral description: the words are not at hand verbatim.",
            _ => "Somebody reports that such statements exist and specifies none: never citable.",
        },
        .. statement.Synthetic ? new[] { "Synthetic: invented for a demonstration or a test." } : [],
        "",
        "In short",
        .. Wrap($"known: {Or(statement.Speaker)} said it; when: {When(statement.Uttered, isBrief: true)}.", "  - ", "    "),
        .. Wrap($"shown by: {Shown(statement)}.", "  - ", "    "),
        .. Wrap($"disputed: {Disputed(statement)}.", "  - ", "    "),
        .. Wrap($"retracted: {Lower(Retracted(statement.RetractionState, ledger))}", "  - ", "    "),
        "",
        $"What was said ({statement.Language})",
        .. Wrap(statement.Text, "  "),
        "",
        "Who",
        $"  said by       {Or(statement.Speaker)}",
        $"  published by  {Or(statement.Publisher)}",
        $"  spread by     {Or(statement.Amplifier)}",
        $"  about         {Or(string.Join("; ", statement.GroupsNamed))}",
        "",
        "When",
        $"  said          {When(statement.Uttered)}",
        $"  published     {When(statement.Published)}",
        .. statement.Reposted.Count == 0 ? ["  spread        no re-post on record"] : statement.Reposted.Select(reposted => $"  spread        {When(reposted)}"),
        $"  archived      {At(statement.CapturedAt)}",
        $"  from          {Or(statement.SourceUrl)}",
        "",
        .. Claims(statement),
        .. Translations(statement),
        .. Retraction(statement.RetractionState, ledger),
        .. Links(statement),
        .. Notes(statement),
        "",
        "Proof",
        string.Create(CultureInfo.InvariantCulture, $"  entry {statement.LogIndex} of the log; SHA-256 of the words {Convert.ToHexStringLower(statement.ContentSha256.Span)}"),
        $"  for outsiders: poc archive export {statement.Name} --out DIR --recipient WHO --purpose WHY",
    ];

    /// <summary>What remains of a statement that was erased.</summary>
    public static IEnumerable<string> Erased(Statement statement) =>
    [
        statement.Name,
        new string('=', statement.Name.Length),
        "Erased: its words, translations, ledger and notes are gone for good. That it was archived is proven still.",
        "",
        $"  why           {statement.Erasure.Reason}",
        $"  by authority  {statement.Erasure.Authority}",
        $"  proposed by   {statement.Erasure.ProposedBy}",
        $"  confirmed by  {statement.Erasure.ConfirmedBy}, {At(statement.Erasure.ErasedAt)}",
        $"  archived      {At(statement.CapturedAt)}",
        string.Create(CultureInfo.InvariantCulture, $"  proof         entries {statement.LogIndex} and {statement.Erasure.LogIndex} of the log"),
    ];

    /// <summary>A date with how sharply it is known and how sure its source is.</summary>
    /// <param name="date">The date.</param>
    /// <param name="isBrief">Without what the confidence means.</param>
    public static string When(UncertainDate? date, bool isBrief = false)
    {
        if (date is null)
        {
            return NotKnown;
        }

        var day = date.Precision switch
        {
            DatePrecision.Day => date.Earliest,
            DatePrecision.Month when date.Earliest.Length >= 7 => $"{date.Earliest[..7]}, day not known",
            DatePrecision.Year when date.Earliest.Length >= 4 => $"{date.Earliest[..4]}, month not known",
            DatePrecision.Range => $"some day from {date.Earliest} to {date.Latest}",
            DatePrecision.Unknown => NotKnown,
            _ => date.Earliest,
        };
        return date.Precision == DatePrecision.Unknown ? day : $"{day}; confidence {Sureness(date.Confidence, isBrief)}";
    }

    private static string At(Timestamp? at) => at?.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) ?? NotKnown;

    private static string Sureness(Confidence confidence, bool isBrief)
    {
        var (level, why) = confidence switch
        {
            Confidence.High => ("high", "independent sources agree"),
            Confidence.Medium => ("medium", "one good source, or several weaker ones that agree"),
            _ => ("low", "sources are few, indirect or at odds"),
        };
        return isBrief ? level : $"{level} ({why})";
    }

    private static string Shown(Statement statement) => statement.Links.Count(static link => link.Kind == StatementLinkKind.ShownBy) switch
    {
        0 when statement.ContentKind == ContentKind.Verbatim => "no capture on record; the words were taken down from where it was found",
        0 when statement.ContentKind == ContentKind.Description => "no capture on record; there is a description alone",
        0 => "nothing",
        1 => "one capture, named below",
        var captures => string.Create(CultureInfo.InvariantCulture, $"{captures} captures, named below"),
    };

    private static string Disputed(Statement statement)
    {
        var topics = Topics(statement).Where(static topic => topic.IsDisputed)
            .Select(static topic => string.Create(CultureInfo.InvariantCulture, $"{topic.Name} ({topic.Claims.Count} sources, {topic.Accounts} accounts, below)")).ToList();
        return topics.Count == 0 ? "no conflicting claims on record" : string.Join("; ", topics);
    }

    private static IEnumerable<(string Name, List<SourceClaim> Claims, int Accounts, bool IsDisputed)> Topics(Statement statement)
        => statement.Claims.GroupBy(static claim => claim.Topic).Select(static topic => (Name: topic.Key, Claims: topic.ToList(), Accounts: topic.Select(static claim => claim.Claim).Distinct(StringComparer.Ordinal).Count()))
            .Select(static topic => (topic.Name, topic.Claims, topic.Accounts, topic.Accounts > 1));

    private static string Retracted(RetractionState state, IReadOnlyList<RetractionEntry> ledger) => state switch
    {
        RetractionState.NoneFound => "None found by a dated search; nothing else is on record.",
        RetractionState.Partial => "In part.",
        RetractionState.Full => "In full.",
        RetractionState.Restated => $"{(ledger.Any(static entry => entry.Finding == RetractionFinding.Full) ? "In full" : "In part at most")}, and stood by again later.",
        RetractionState.Reaffirmed => "No: only evidence against a retraction is on record.",
        _ => "Not known: nothing is on record either way.",
    };

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];

    private static IEnumerable<string> Claims(Statement statement)
    {
        foreach (var topic in Topics(statement))
        {
            yield return topic.IsDisputed ? $"{topic.Name}: sources disagree; the archive keeps them side by side and takes no side" : topic.Name;
            foreach (var claim in topic.Claims)
            {
                foreach (var line in Wrap($"{claim.Source} says: {claim.Claim}", "  - ", "    "))
                {
                    yield return line;
                }
            }

            yield return "";
        }
    }

    private static IEnumerable<string> Translations(Statement statement)
    {
        foreach (var translation in statement.Translations)
        {
            var newest = statement.Translations.Where(other => other.Language == translation.Language).Max(other => other.Version);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Translation into {translation.Language}, version {translation.Version}, by {translation.Translator}{(translation.Version < newest ? $" (superseded by version {newest})" : "")}");
            foreach (var line in Wrap(translation.Text, "  "))
            {
                yield return line;
            }

            yield return "  " + translation.State switch
            {
                TranslationState.Confirmed => "Confirmed by a second translator.",
                TranslationState.Disputed => "Disputed and not decided: it cannot be cited.",
                TranslationState.Upheld => "It was disputed, and stands.",
                TranslationState.Rejected => "It was disputed and found wrong: it cannot be cited.",
                _ => "Nobody else has read it.",
            };
            foreach (var review in translation.Reviews)
            {
                foreach (var line in Wrap($"{review.Reviewer}, {At(review.At)}: {review.Verdict.ToString().ToLowerInvariant()}{(review.Reason.Length == 0 ? "" : $": {review.Reason}")}", "    "))
                {
                    yield return line;
                }
            }

            yield return "";
        }
    }

    private static IEnumerable<string> Retraction(RetractionState state, IReadOnlyList<RetractionEntry> ledger)
    {
        yield return $"Retracted?  {Retracted(state, ledger)}";
        foreach (var entry in ledger.OrderBy(static entry => entry.Dated?.Earliest ?? "", StringComparer.Ordinal))
        {
            yield return $"  {When(entry.Dated)}";
            var finding = entry.Finding switch
            {
                RetractionFinding.Full => "for a full retraction",
                RetractionFinding.Partial => "for a partial retraction",
                RetractionFinding.Against => "against a retraction",
                _ => "a search that found none",
            };
            string[] details =
            [
                .. entry.Audience.Length == 0 ? Array.Empty<string>() : [$"to {entry.Audience}"],
                .. entry.Searched.Length == 0 ? Array.Empty<string>() : [$"searched: {entry.Searched}"],
                .. entry.SourceUrl.Length == 0 ? Array.Empty<string>() : [entry.SourceUrl],
                .. entry.Synthetic ? ["synthetic"] : Array.Empty<string>(),
            ];
            foreach (var line in Wrap($"{finding}: {entry.Description}{(details.Length == 0 ? "" : $" ({string.Join("; ", details)})")}", "    "))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Links(Statement statement)
    {
        foreach (var link in statement.Links)
        {
            yield return "";
            yield return link.Kind switch
            {
                StatementLinkKind.ShownBy => $"Shown by {link.Target}",
                StatementLinkKind.RepostOf => $"Spread anew: it is {link.Target}",
                StatementLinkKind.ClipOf => string.Create(CultureInfo.InvariantCulture, $"A clip: its original, {link.Target}, is {link.MissingMs / 1000.0:0.#} s longer. Read that for the context."),
                _ => $"Its words are nearly those of {link.Target}",
            };
            foreach (var line in Wrap($"says {link.Author}, {At(link.At)}: {link.Reason}", "  "))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Notes(Statement statement)
    {
        if (statement.LegalHold)
        {
            yield return "";
            yield return "Under a legal hold: it cannot be erased.";
        }

        foreach (var note in statement.Annotations)
        {
            yield return "";
            yield return $"Note by {note.Author}, {At(note.AddedAt)}";
            foreach (var line in Wrap(note.Text, "  "))
            {
                yield return line;
            }
        }

        if (statement.RedactedFields.Count > 0)
        {
            yield return "";
            yield return $"Not shown to your role: {string.Join(", ", statement.RedactedFields)}";
        }
    }

    private static string Or(string text) => text.Length == 0 ? NotKnown : text;

    private static IEnumerable<string> Wrap(string text, string indent, string? hanging = null)
    {
        var (line, isFirst) = ("", true);
        foreach (var word in text.Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width - indent.Length)
            {
                yield return (isFirst ? indent : hanging ?? indent) + line;
                (line, isFirst) = ("", false);
            }

            line += (line.Length == 0 ? "" : " ") + word;
        }

        yield return (isFirst ? indent : hanging ?? indent) + line;
    }
}
