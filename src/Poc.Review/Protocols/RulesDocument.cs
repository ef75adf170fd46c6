using System.Globalization;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Poc.Review.Protocols;

/// <summary>A protocol document breaks rules of its form. The message names each with its line.</summary>
public sealed class ProtocolException(string message) : Exception(message);

/// <summary>
/// Reads a protocol document (YAML) strictly: every key is known and there once, every value is in range, and all that is wrong is said at once, each with its
/// line. What is not said here about a field's meaning stands as a comment in <c>v1.yaml</c>.
/// </summary>
public sealed class RulesDocument
{
    /// <summary>The factors of the threshold test (Rabat Plan of Action, paragraph 29), in its order.</summary>
    public static IReadOnlyList<string> RabatFactors { get; } = ["context", "speaker", "intent", "content-and-form", "extent", "likelihood"];

    private static readonly IReadOnlyList<string> Signers = [Poc.Grpc.Roles.PanelChair, Poc.Grpc.Roles.Approver];
    private static readonly IReadOnlyList<string> KnownAppellants = ["subject", "counsel", "third-party"];

    // Stands for a mapping that is missing or wrong, so that reading goes on and finds what else is wrong. What it would have held is not reported as missing
    // too.
    private static readonly YamlMappingNode Nothing = new();

    private readonly string _source;
    private readonly List<string> _problems = [];

    private RulesDocument(string source) => _source = source;

    /// <summary>The rules a document states.</summary>
    /// <param name="source">Name of the document, for messages.</param>
    /// <param name="document">Its text.</param>
    /// <exception cref="ProtocolException">It is no YAML, or breaks rules of its form; the message has one line for each: <c>v3.yaml:12: panel.quorum:
    /// …</c>.</exception>
    public static Rules Parse(string source, string document)
    {
        var reader = new RulesDocument(source);
        var rules = reader.Read(document);
        return reader._problems.Count == 0 ? rules! : throw new ProtocolException(string.Join(Environment.NewLine, reader._problems));
    }

    private Rules? Read(string document)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(document));
        }
        catch (YamlException problem)
        {
            _problems.Add($"{_source}:{problem.Start.Line}: {problem.Message}");
            return null;
        }

        if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            _problems.Add($"{_source}:1: must be one document with a mapping");
            return null;
        }

        var top = Fields(root, "", "version", "title", "questions", "criteria", "rabat", "panel", "majority", "voting_term_days", "signatures",
            "mandatory_audiences", "appellants");
        var questions = Words(top, "questions", "").Select(node => Question(node, "questions")).ToList();
        var panel = Fields(Mapping(top, "panel", ""), "panel", "minimum_size", "quorum");
        var minimum = Integer(panel, "minimum_size", "panel", 1, 100);
        var quorum = Integer(panel, "quorum", "panel", 1, 100);
        Require(quorum <= minimum, panel.GetValueOrDefault("quorum"), "panel.quorum", "must not exceed minimum_size: such a panel could never decide");
        var (factors, maximumScore) = Rabat(top);
        return new Rules
        {
            Version = Integer(top, "version", "", 1, 1_000_000),
            Title = Text(top, "title", ""),
            Questions = questions,
            Criteria = Criteria(top, questions),
            Factors = factors,
            MaximumScore = maximumScore,
            MinimumPanel = minimum,
            Quorum = quorum,
            Majority = MajorityOf(top),
            VotingTerm = TimeSpan.FromDays(Integer(top, "voting_term_days", "", 1, 365)),
            Signatures = Choices(top, "signatures", Signers, atLeast: 2),
            MandatoryAudiences = Choices(top, "mandatory_audiences", [.. Enum.GetValues<Audience>().Where(static a =>
                a is not (Audience.Unspecified or Audience.Staff or Audience.Public)).Select(EnumText<Audience>.Of)], atLeast: 1),
            Appellants = Choices(top, "appellants", KnownAppellants, atLeast: 1),
            Document = document,
        };
    }

    private List<KnownCriterion> Criteria(Dictionary<string, YamlNode> top, List<QuestionType> answered)
    {
        var criteria = new List<KnownCriterion>();
        foreach (var (node, index) in Items(top, "criteria", ""))
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"criteria[{index}]");
            var fields = Fields(node as YamlMappingNode ?? Wrong(node, path, "must be a mapping"), path, "id", "paragraph", "text", "questions");
            var questions = Words(fields, "questions", path).Select(word => Question(word, path + ".questions")).ToList();
            var id = Text(fields, "id", path);
            Require(criteria.TrueForAll(other => other.Id != id), fields.GetValueOrDefault("id"), path + ".id", "must differ from every other criterion's");
            Require(questions.TrueForAll(answered.Contains), fields.GetValueOrDefault("questions"), path + ".questions",
                "must be among the questions this version answers");
            criteria.Add(new KnownCriterion(id, Text(fields, "paragraph", path), Text(fields, "text", path), questions));
        }

        return criteria;
    }

    private (List<RabatGuidance> Factors, int MaximumScore) Rabat(Dictionary<string, YamlNode> top)
    {
        var rabat = Fields(Mapping(top, "rabat", ""), "rabat", "scale", "factors");
        var scale = Fields(Mapping(rabat, "scale", "rabat"), "rabat.scale", "minimum", "maximum");
        Integer(scale, "minimum", "rabat.scale", 0, 0);
        var factors = new List<RabatGuidance>();
        foreach (var (node, index) in Items(rabat, "factors", "rabat"))
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"rabat.factors[{index}]");
            var fields = Fields(node as YamlMappingNode ?? Wrong(node, path, "must be a mapping"), path, "id", "guidance");
            factors.Add(new RabatGuidance(Text(fields, "id", path), Text(fields, "guidance", path)));
        }

        Require(factors.Select(static factor => factor.Id).SequenceEqual(RabatFactors), rabat.GetValueOrDefault("factors"), "rabat.factors",
            $"must be the six of the Rabat test in their order: {string.Join(", ", RabatFactors)}");
        return (factors, Integer(scale, "maximum", "rabat.scale", 4, 4));
    }

    private Majority MajorityOf(Dictionary<string, YamlNode> top)
    {
        var node = Mapping(top, "majority", "");
        if (ReferenceEquals(node, Nothing))
        {
            return Majority.ExceedsAgainst;
        }

        var rule = node.Children.TryGetValue("rule", out var value) && value is YamlScalarNode { Value: { } text } ? text : "";
        switch (rule)
        {
            case "exceeds-against":
                Fields(node, "majority", "rule");
                return Majority.ExceedsAgainst;
            case "share":
                var fields = Fields(node, "majority", "rule", "numerator", "denominator");
                var denominator = Integer(fields, "denominator", "majority", 2, 100);
                var numerator = Integer(fields, "numerator", "majority", 1, 100);
                Require(numerator * 2 > denominator && numerator <= denominator, node, "majority", "a share must be more than a half and at most all");
                return Majority.Share(numerator, denominator);
            default:
                Wrong(node, "majority.rule", "must be exceeds-against or share");
                return Majority.ExceedsAgainst;
        }
    }

    private List<string> Choices(Dictionary<string, YamlNode> parent, string key, IReadOnlyList<string> allowed, int atLeast)
    {
        var words = Words(parent, key, "");
        foreach (var word in words)
        {
            Require(allowed.Contains(word.Value), word, key, $"must be some of: {string.Join(", ", allowed)}");
        }

        var values = words.Select(static word => word.Value ?? "").ToList();
        Require(values.Distinct(StringComparer.Ordinal).Count() == values.Count, parent.GetValueOrDefault(key), key, "must name each once");
        Require(values.Count >= atLeast, parent.GetValueOrDefault(key), key, $"must have at least {atLeast}");
        return values;
    }

    private QuestionType Question(YamlScalarNode node, string path)
    {
        if (Enum.TryParse<QuestionType>(node.Value, ignoreCase: true, out var question) && question != QuestionType.Unspecified
            && !char.IsAsciiDigit(node.Value![0]))
        {
            return question;
        }

        Wrong(node, path, "must be some of: designate, delist, redesignate, appeal");
        return QuestionType.Unspecified;
    }

    private Dictionary<string, YamlNode> Fields(YamlMappingNode node, string path, params string[] known)
    {
        var fields = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        if (ReferenceEquals(node, Nothing)) // nodes are equal by content otherwise
        {
            return fields;
        }

        foreach (var (key, value) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            Require(known.Contains(name), key, Join(path, name), $"is not a key of a protocol; known here: {string.Join(", ", known)}");
            fields[name] = value;
        }

        foreach (var missing in known.Where(name => !fields.ContainsKey(name)))
        {
            Wrong(node, Join(path, missing), "is missing");
        }

        return fields;
    }

    private YamlMappingNode Mapping(Dictionary<string, YamlNode> parent, string key, string path) => parent.GetValueOrDefault(key) switch
    {
        YamlMappingNode mapping => mapping,
        { } other => Wrong(other, Join(path, key), "must be a mapping"),
        null => Nothing,
    };

    private IEnumerable<(YamlNode Node, int Index)> Items(Dictionary<string, YamlNode> parent, string key, string path)
    {
        if (parent.GetValueOrDefault(key) is not { } node)
        {
            return [];
        }

        if (node is YamlSequenceNode { Children.Count: > 0 } list)
        {
            return list.Children.Select(static (child, index) => (child, index));
        }

        Wrong(node, Join(path, key), "must be a list with at least one element");
        return [];
    }

    private List<YamlScalarNode> Words(Dictionary<string, YamlNode> parent, string key, string path)
    {
        var words = new List<YamlScalarNode>();
        foreach (var (node, index) in Items(parent, key, path))
        {
            if (node is YamlScalarNode { Value.Length: > 0 } word)
            {
                words.Add(word);
            }
            else
            {
                Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{Join(path, key)}[{index}]"), "must be a word");
            }
        }

        return words;
    }

    private string Text(Dictionary<string, YamlNode> parent, string key, string path)
    {
        if (parent.GetValueOrDefault(key) is not { } node)
        {
            return "";
        }

        var text = (node as YamlScalarNode)?.Value;
        Require(!string.IsNullOrWhiteSpace(text), node, Join(path, key), "must not be blank");
        return text ?? "";
    }

    private int Integer(Dictionary<string, YamlNode> parent, string key, string path, int minimum, int maximum)
    {
        if (parent.GetValueOrDefault(key) is not { } node)
        {
            return 0;
        }

        if (int.TryParse((node as YamlScalarNode)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum
            && value <= maximum)
        {
            return value;
        }

        Wrong(node, Join(path, key), minimum == maximum ? $"must be {minimum}" : $"must be a whole number from {minimum} to {maximum}");
        return 0;
    }

    private void Require(bool ok, YamlNode? node, string path, string rule)
    {
        if (!ok)
        {
            Wrong(node, path, rule);
        }
    }

    private YamlMappingNode Wrong(YamlNode? node, string path, string rule)
    {
        _problems.Add($"{_source}:{node?.Start.Line ?? 1}: {path}: {rule}");
        return Nothing;
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
