using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;

namespace Poc.Protocols;

/// <summary>
/// Reads a protocol document (YAML) strictly: every key is known and there once, every value has its type and range, and all that is wrong is said at once,
/// each with its place and rule. A key that the service would not follow is an error. The rules are listed in docs/protocol-rules.md.
/// </summary>
public sealed partial class RulesDocument
{
    /// <summary>Longest document, in bytes of UTF-8.</summary>
    public const int MaximumBytes = 256 * 1024;

    private static readonly string[] Signers = ["panel-chair", "approver"];
    private static readonly string[] KnownAppellants = ["subject", "counsel", "third-party"];
    private static readonly string[] QuestionNames = ["designate", "delist", "redesignate", "appeal"];

    // Who can be told before the public; staff are not an audience of a decision's plan.
    private static readonly string[] Audiences = [.. Enum.GetValues<Audience>()
        .Where(static audience => audience is not (Audience.Unspecified or Audience.Staff or Audience.Public))
        .Select(static audience => AudienceNames().Replace(audience.ToString(), "$1_").ToUpperInvariant())];

    private readonly string _source;
    private readonly List<Finding> _findings = [];

    private RulesDocument(string source) => _source = source;

    /// <summary>The factors of the threshold test (Rabat Plan of Action, paragraph 29), in its order.</summary>
    public static IReadOnlyList<string> RabatFactors { get; } = ["context", "speaker", "intent", "content-and-form", "extent", "likelihood"];

    /// <summary>The rules a document states.</summary>
    /// <param name="source">Name of the document, for messages.</param>
    /// <param name="document">Its text.</param>
    /// <exception cref="ProtocolException">It has errors; the message has a line for each.</exception>
    public static Rules Parse(string source, string document)
    {
        var (rules, findings) = Check(source, document);
        return rules ?? throw new ProtocolException(string.Join(Environment.NewLine, findings.Where(static finding => finding.Severity == Severity.Error)));
    }

    /// <summary>The rules a document states, and all that is wrong or doubtful in it.</summary>
    /// <param name="source">Name of the document, for messages.</param>
    /// <param name="document">Its text.</param>
    public static Checked Check(string source, string document)
    {
        var reader = new RulesDocument(source);
        var rules = reader.Read(document);
        return new Checked(reader._findings.Exists(static finding => finding.Severity == Severity.Error) ? null : rules,
            [.. reader._findings.OrderBy(static finding => (finding.Line, finding.Column))]);
    }

    /// <summary>The rules a file states, and all that is wrong or doubtful in it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Checked CheckFile(string path)
    {
        using var file = File.OpenRead(path);
        // One byte more than may be there: neither a huge file nor an endless one is read whole.
        var bytes = new byte[MaximumBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        try
        {
            return length > MaximumBytes
                ? Refused(path, "file-too-large", $"is longer than {MaximumBytes / 1024} KiB, which no protocol is")
                : Check(path, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length));
        }
        catch (DecoderFallbackException)
        {
            return Refused(path, "file-encoding", "is not UTF-8");
        }
    }

    private static Checked Refused(string path, string rule, string message) => new(null, [new Finding(path, 1, 1, Severity.Error, rule, "", message)]);

    private Rules? Read(string document)
    {
        if (Encoding.UTF8.GetByteCount(document) > MaximumBytes)
        {
            Report(1, 1, "file-too-large", "", $"is longer than {MaximumBytes / 1024} KiB, which no protocol is");
            return null;
        }

        var root = YamlTree.Read(document, (line, column, rule, message) => Report(line, column, rule, "", message));
        if (root is null)
        {
            return null;
        }

        if (root is YamlText { Text: "", Plain: true })
        {
            Report(root.Line, root.Column, "file-empty", "", "holds no protocol");
            return null;
        }

        if (root is not YamlMap map)
        {
            Report(root.Line, root.Column, "type-mapping", "", "must be a mapping of a protocol's keys");
            return null;
        }

        var top = Fields(map, "", ["version", "title", "questions", "criteria", "rabat", "panel", "majority", "voting_term_days", "signatures",
            "mandatory_audiences", "appellants"], ["effective_from", "admissibility", "precedents"]);
        var questions = Questions(top, "questions", "");
        var criteria = Criteria(top, questions);
        var (minimum, maximum, quorum) = Panel(top);
        var (factors, maximumScore) = Rabat(top);
        RequireReachable(top, questions, criteria);
        return new Rules
        {
            Version = Integer(top, "version", "", 1, 1_000_000) ?? 0,
            Title = Text(top, "title", ""),
            EffectiveFrom = Day(top, "effective_from"),
            Questions = questions,
            Criteria = criteria,
            Admissibility = Admissibility(top, questions, criteria),
            Factors = factors,
            MaximumScore = maximumScore,
            MinimumPanel = minimum,
            MaximumPanel = maximum,
            Quorum = quorum,
            Majority = MajorityOf(top, minimum, maximum),
            VotingTerm = TimeSpan.FromDays(Integer(top, "voting_term_days", "", 1, 365, "term-range") ?? 0),
            Signatures = Choices(top, "signatures", Signers, atLeast: 2),
            MandatoryAudiences = Choices(top, "mandatory_audiences", Audiences, atLeast: 1),
            Appellants = Choices(top, "appellants", KnownAppellants, atLeast: 1),
            Precedents = PrecedentsOf(top),
            Document = document,
        };
    }

    private List<KnownCriterion> Criteria(Dictionary<string, YamlValue> top, IReadOnlyList<QuestionType> answered)
    {
        var criteria = new List<KnownCriterion>();
        var places = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
        foreach (var (item, path) in Items(top, "criteria", ""))
        {
            var fields = Fields(Map(item, path), path, ["id", "paragraph", "text", "questions"]);
            var id = Text(fields, "id", path);
            if (id.Length > 0)
            {
                var place = fields["id"];
                Require(IdForm().IsMatch(id), place, "id-form", path + ".id", "must be lower-case words of letters and digits with hyphens between them, at most 63 characters");
                if (!places.TryAdd(id, place))
                {
                    Report(place, "id-duplicate", path + ".id", $"{id} is the id of the criterion on line {places[id].Line} already");
                }
            }

            var questions = Questions(fields, "questions", path);
            foreach (var unanswered in questions.Where(question => question != QuestionType.Unspecified && !answered.Contains(question)))
            {
                Report(fields["questions"], "criterion-question-unanswered", path + ".questions", $"names {Name(unanswered)}, which this version does not answer");
            }

            criteria.Add(new KnownCriterion(id, Text(fields, "paragraph", path), Text(fields, "text", path), questions));
        }

        foreach (var twice in criteria.Where(static criterion => criterion.Paragraph.Length > 0).GroupBy(static criterion => criterion.Paragraph, StringComparer.Ordinal)
            .Where(static group => group.Count() > 1 && group.Select(static criterion => criterion.Id).Distinct(StringComparer.Ordinal).Count() > 1))
        {
            Report(places.GetValueOrDefault(twice.Last().Id) ?? top["criteria"], "paragraph-duplicate", "criteria",
                $"{string.Join(", ", twice.Select(static criterion => criterion.Id))} all stand in paragraph {twice.Key}: a reader cannot tell which one is meant", Severity.Warning);
        }

        return criteria;
    }

    // Nobody can open a review of a question that no criterion is known to, and no outcome of it can come about.
    private void RequireReachable(Dictionary<string, YamlValue> top, List<QuestionType> questions, List<KnownCriterion> criteria)
    {
        var place = top.GetValueOrDefault("questions");
        foreach (var question in questions.Where(question => question != QuestionType.Unspecified && !criteria.Exists(criterion => criterion.Questions.Contains(question))))
        {
            Report(place, "question-without-criterion", "questions",
                $"no criterion is known to {Name(question)}: no request could ask it, and its outcomes ({Outcomes(question)}) could not be reached");
        }

        if (questions.Count > 0 && !questions.Contains(QuestionType.Unspecified) && !questions.Contains(QuestionType.Designate))
        {
            Report(place, "state-unreachable", "questions",
                "designate is not answered: what can be asked under this version alone needs a label, or a refusal, that only another version could have given", Severity.Warning);
        }
    }

    private static string Outcomes(QuestionType question) => question switch
    {
        QuestionType.Designate => "designated, declined",
        QuestionType.Delist => "label withdrawn, maintained",
        QuestionType.Redesignate => "redesignated, declined",
        _ => "appeal upheld, appeal dismissed",
    };

    private Dictionary<QuestionType, CriteriaRule> Admissibility(Dictionary<string, YamlValue> top, List<QuestionType> questions, List<KnownCriterion> criteria)
    {
        var rules = new Dictionary<QuestionType, CriteriaRule>();
        if (!top.TryGetValue("admissibility", out var value))
        {
            return rules;
        }

        var fields = Fields(Map(value, "admissibility"), "admissibility", [], QuestionNames);
        foreach (var (name, stated) in fields)
        {
            var path = "admissibility." + name;
            var question = Enum.Parse<QuestionType>(name, ignoreCase: true);
            Require(questions.Contains(question), stated, "criterion-question-unanswered", path, $"{name} is not answered by this version");
            var rule = Fields(Map(stated, path), path, [], ["any_of", "all_of"]);
            if (rule.Count != 1)
            {
                Report(stated, "admissibility-form", path, "must have either any_of or all_of");
                continue;
            }

            var (key, _) = rule.Single();
            var ids = Words(rule, key, path);
            foreach (var id in ids)
            {
                RequireCriterion(id, $"{path}.{key}", question, criteria);
            }

            RequireOnce(ids, $"{path}.{key}");
            rules[question] = new CriteriaRule(key == "all_of", [.. ids.Select(static id => id.Text)]);
        }

        return rules;
    }

    private void RequireCriterion(YamlText id, string path, QuestionType question, List<KnownCriterion> criteria)
    {
        if (criteria.Find(criterion => criterion.Id == id.Text) is not { } known)
        {
            Report(id, "criterion-unknown", path, $"there is no criterion {id.Text}{Nearest(id.Text, criteria.Select(static criterion => criterion.Id))}");
        }
        else
        {
            Require(known.Questions.Contains(question), id, "criterion-not-for-question", path, $"{id.Text} is not known to {Name(question)}: add the question to the criterion's questions");
        }
    }

    private PrecedentRule? PrecedentsOf(Dictionary<string, YamlValue> top)
    {
        if (!top.ContainsKey("precedents"))
        {
            return null;
        }

        var precedents = Fields(Mapping(top, "precedents", ""), "precedents", ["answer", "nearness"]);
        return new PrecedentRule(Integer(precedents, "answer", "precedents", 1, 20) ?? 0, Integer(precedents, "nearness", "precedents", 1, 100) ?? 0);
    }

    private (int Minimum, int? Maximum, int Quorum) Panel(Dictionary<string, YamlValue> top)
    {
        var panel = Fields(Mapping(top, "panel", ""), "panel", ["minimum_size", "quorum"], ["maximum_size"]);
        var minimum = Integer(panel, "minimum_size", "panel", 1, 100);
        var maximum = Integer(panel, "maximum_size", "panel", 1, 100);
        var quorum = Integer(panel, "quorum", "panel", 1, 100);
        if (quorum > minimum)
        {
            Report(panel["quorum"], "quorum-exceeds-panel", "panel.quorum", $"must not exceed minimum_size: a panel of {minimum} could never decide with a quorum of {quorum}");
        }
        else if (quorum * 2 <= minimum)
        {
            Report(panel["quorum"], "quorum-minority", "panel.quorum", $"{quorum} of {minimum} is half of the smallest panel or less: a minority could decide", Severity.Warning);
        }

        if (maximum < minimum)
        {
            Report(panel["maximum_size"], "panel-bounds", "panel.maximum_size", $"must not be less than minimum_size, which is {minimum}");
        }

        return (minimum ?? 0, maximum, quorum ?? 0);
    }

    private (List<RabatGuidance> Factors, int MaximumScore) Rabat(Dictionary<string, YamlValue> top)
    {
        var rabat = Fields(Mapping(top, "rabat", ""), "rabat", ["scale", "factors"]);
        var scale = Fields(Mapping(rabat, "scale", "rabat"), "rabat.scale", ["minimum", "maximum"]);
        Integer(scale, "minimum", "rabat.scale", 0, 0);
        var factors = new List<RabatGuidance>();
        foreach (var (item, path) in Items(rabat, "factors", "rabat"))
        {
            var fields = Fields(Map(item, path), path, ["id", "guidance"]);
            factors.Add(new RabatGuidance(Text(fields, "id", path), Text(fields, "guidance", path)));
        }

        if (rabat.TryGetValue("factors", out var place))
        {
            Require(factors.Select(static factor => factor.Id).SequenceEqual(RabatFactors), place, "rabat-factors", "rabat.factors",
                $"must be the six of the Rabat test in their order: {string.Join(", ", RabatFactors)}");
        }

        return (factors, Integer(scale, "maximum", "rabat.scale", 4, 4) ?? 0);
    }

    private Majority MajorityOf(Dictionary<string, YamlValue> top, int minimum, int? maximum)
    {
        if (Mapping(top, "majority", "") is not { } node)
        {
            return Majority.ExceedsAgainst;
        }

        switch (node.Pairs.Find(static pair => pair.Key.Text == "rule").Value)
        {
            case YamlText { Text: "exceeds-against" }:
                var simple = Fields(node, "majority", ["rule"], ["tie"]);
                var tie = simple.ContainsKey("tie") ? Choice(simple, "tie", "majority", ["fails", "passes"]) : null;
                if (tie is null && !simple.ContainsKey("tie") && (minimum > 0 && minimum % 2 == 0 || maximum is > 0 && maximum % 2 == 0))
                {
                    Report(node, "tie-undecided", "majority",
                        $"a panel of {(minimum % 2 == 0 ? minimum : maximum)} can tie: say what a tie does with majority.tie (fails or passes), or make the panel odd");
                }

                return tie == "passes" ? Majority.MatchesAgainst : Majority.ExceedsAgainst;
            case YamlText { Text: "share" }:
                var fields = Fields(node, "majority", ["rule", "numerator", "denominator"]);
                var (numerator, denominator) = (Integer(fields, "numerator", "majority", 1, 100), Integer(fields, "denominator", "majority", 2, 100));
                if (numerator is { } part && denominator is { } whole)
                {
                    Require(part * 2 > whole && part <= whole, fields["numerator"], "majority-share", "majority", "a share must be more than a half and at most all");
                }

                return Majority.Share(numerator ?? 1, denominator ?? 1);
            case null:
                Fields(node, "majority", ["rule"], ["tie", "numerator", "denominator"]);
                return Majority.ExceedsAgainst;
            case var other:
                Report(other, "value-unknown", "majority.rule", "must be exceeds-against or share");
                return Majority.ExceedsAgainst;
        }
    }

    private DateOnly? Day(Dictionary<string, YamlValue> top, string key)
    {
        if (!top.TryGetValue(key, out var value))
        {
            return null;
        }

        if (value is YamlText text && DateOnly.TryParseExact(text.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        Report(value, "type-date", key, "must be a day as YYYY-MM-DD");
        return null;
    }

    private List<string> Choices(Dictionary<string, YamlValue> parent, string key, IReadOnlyList<string> allowed, int atLeast)
    {
        var words = Words(parent, key, "");
        foreach (var word in words)
        {
            Require(allowed.Contains(word.Text), word, "value-unknown", key, $"{word.Text} is unknown; must be some of: {string.Join(", ", allowed)}");
        }

        RequireOnce(words, key);
        if (words.Count > 0)
        {
            Require(words.Count >= atLeast, parent[key], "list-short", key, $"must have at least {atLeast}");
        }

        return [.. words.Select(static word => word.Text)];
    }

    private string? Choice(Dictionary<string, YamlValue> parent, string key, string path, string[] allowed)
    {
        var value = parent[key];
        if (value is YamlText text && allowed.Contains(text.Text))
        {
            return text.Text;
        }

        Report(value, "value-unknown", Join(path, key), $"must be {string.Join(" or ", allowed)}");
        return null;
    }

    private List<QuestionType> Questions(Dictionary<string, YamlValue> parent, string key, string path)
    {
        var words = Words(parent, key, path);
        RequireOnce(words, Join(path, key));
        var questions = new List<QuestionType>();
        foreach (var word in words)
        {
            var known = QuestionNames.Contains(word.Text);
            Require(known, word, "value-unknown", Join(path, key), $"{word.Text} is unknown; must be some of: {string.Join(", ", QuestionNames)}");
            questions.Add(known ? Enum.Parse<QuestionType>(word.Text, ignoreCase: true) : QuestionType.Unspecified);
        }

        return questions;
    }

    private void RequireOnce(List<YamlText> words, string path)
    {
        foreach (var again in words.GroupBy(static word => word.Text, StringComparer.Ordinal).SelectMany(static group => group.Skip(1)))
        {
            Report(again, "list-repeats", path, $"{again.Text} is there already; each must be named once");
        }
    }

    private Dictionary<string, YamlValue> Fields(YamlMap? node, string path, string[] required, string[]? optional = null)
    {
        var fields = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
        if (node is null) // reported where it should have been a mapping; what it would have held is not reported as missing too
        {
            return fields;
        }

        string[] known = [.. required, .. optional ?? []];
        foreach (var (key, value) in node.Pairs)
        {
            if (!known.Contains(key.Text))
            {
                Report(key, "key-unknown", Join(path, key.Text), key.Text is "states" or "transitions" or "outcomes"
                    ? "is not a protocol's to say: the states of a review and its outcomes are the same under every protocol, so that none can leave one out or run in a circle"
                    : $"is not a key here, and nothing would follow it{Nearest(key.Text, known)}; known here: {string.Join(", ", known)}");
            }
            else if (!fields.TryAdd(key.Text, value))
            {
                Report(key, "key-duplicate", Join(path, key.Text), $"is there already, on line {node.Pairs.Find(pair => pair.Key.Text == key.Text).Key.Line}");
            }
        }

        foreach (var missing in required.Where(name => !fields.ContainsKey(name)))
        {
            Report(node, "key-missing", Join(path, missing), "is missing");
        }

        return fields;
    }

    private YamlMap? Mapping(Dictionary<string, YamlValue> parent, string key, string path) =>
        parent.TryGetValue(key, out var value) ? Map(value, Join(path, key)) : null;

    private YamlMap? Map(YamlValue value, string path)
    {
        if (value is YamlMap map)
        {
            return map;
        }

        Report(value, "type-mapping", path, "must be a mapping");
        return null;
    }

    private IEnumerable<(YamlValue Value, string Path)> Items(Dictionary<string, YamlValue> parent, string key, string path)
    {
        if (!parent.TryGetValue(key, out var value))
        {
            return [];
        }

        if (value is YamlList { Items.Count: > 0 } list)
        {
            return list.Items.Select((item, index) => (item, string.Create(CultureInfo.InvariantCulture, $"{Join(path, key)}[{index}]")));
        }

        Report(value, value is YamlList ? "list-empty" : "type-list", Join(path, key), "must be a list with at least one element");
        return [];
    }

    private List<YamlText> Words(Dictionary<string, YamlValue> parent, string key, string path)
    {
        var words = new List<YamlText>();
        foreach (var (item, place) in Items(parent, key, path))
        {
            if (item is YamlText { Text.Length: > 0 } word)
            {
                words.Add(word);
            }
            else
            {
                Report(item, "type-text", place, "must be a word");
            }
        }

        return words;
    }

    private string Text(Dictionary<string, YamlValue> parent, string key, string path)
    {
        if (!parent.TryGetValue(key, out var value))
        {
            return "";
        }

        if (value is not YamlText text)
        {
            Report(value, "type-text", Join(path, key), "must be text");
            return "";
        }

        var blank = string.IsNullOrWhiteSpace(text.Text) || text is { Plain: true, Text: "~" or "null" or "Null" or "NULL" };
        Require(!blank, value, "text-blank", Join(path, key), "must not be blank");
        return blank ? "" : text.Text;
    }

    private int? Integer(Dictionary<string, YamlValue> parent, string key, string path, int minimum, int maximum, string rule = "number-range")
    {
        if (!parent.TryGetValue(key, out var value))
        {
            return null;
        }

        var range = minimum == maximum ? $"must be {minimum}" : $"must be a whole number from {minimum} to {maximum}";
        if (value is not YamlText { Plain: true } text || !long.TryParse(text.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Report(value, "type-number", Join(path, key), value is YamlText { Plain: false } ? range + ", without quotes" : range);
            return null;
        }

        if (number >= minimum && number <= maximum)
        {
            return (int)number;
        }

        Report(value, rule, Join(path, key), range);
        return null;
    }

    // "; did you mean …?" for a slip of the pen: at most two in five letters differ.
    private static string Nearest(string word, IEnumerable<string> known)
    {
        var nearest = known.Select(name => (Name: name, Distance: Distance(word, name))).OrderBy(static pair => pair.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance * 5 <= nearest.Name.Length * 2 ? $"; did you mean {nearest.Name}?" : "";
    }

    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 20)
        {
            return int.MaxValue / 4;
        }

        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= right.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }

    private void Require(bool ok, YamlValue place, string rule, string path, string message)
    {
        if (!ok)
        {
            Report(place, rule, path, message);
        }
    }

    private void Report(YamlValue? place, string rule, string path, string message, Severity severity = Severity.Error) =>
        Report(place?.Line ?? 1, place?.Column ?? 1, rule, path, message, severity);

    // What a key or value says may be anything: nothing of it steers the terminal that shows the finding.
    private void Report(int line, int column, string rule, string path, string message, Severity severity = Severity.Error) =>
        _findings.Add(new Finding(_source, line, column, severity, rule, Shown(path), Shown(message)));

    private static string Shown(string text)
    {
        var clean = string.Concat(text.Select(static letter => char.IsControl(letter) ? '\uFFFD' : letter));
        return clean.Length <= 500 ? clean : clean[..500] + "…";
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Name(QuestionType question) => question.ToString().ToLowerInvariant();

    [GeneratedRegex("^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex IdForm();

    [GeneratedRegex("([a-z])(?=[A-Z])")]
    private static partial Regex AudienceNames();
}
