using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Poc.Protocols;

/// <summary>A value of a document with its place.</summary>
internal abstract record YamlValue(int Line, int Column);

/// <summary>Text; plain when it is written without quotes and not as a block.</summary>
internal sealed record YamlText(int Line, int Column, string Text, bool Plain) : YamlValue(Line, Column);

internal sealed record YamlList(int Line, int Column, List<YamlValue> Items) : YamlValue(Line, Column);

/// <summary>Keys and values as they stand, doubles too.</summary>
internal sealed record YamlMap(int Line, int Column, List<(YamlText Key, YamlValue Value)> Pairs) : YamlValue(Line, Column);

/// <summary>
/// The small part of YAML that a protocol may use: one document of mappings, lists and text. Anchors, aliases, tags and further documents are findings rather
/// than features: a rule has to be readable where it stands. Doubled keys are kept, so that they can be reported with all else.
/// </summary>
internal sealed class YamlTree
{
    // A protocol is 4 levels deep. The bound keeps a hostile document from exhausting the stack.
    private const int MaximumDepth = 20;

    private readonly Parser _parser;
    private readonly Action<int, int, string, string> _report;

    private YamlTree(string text, Action<int, int, string, string> report) => (_parser, _report) = (new Parser(new StringReader(text)), report);

    /// <summary>The root of the document; null where there is none that could be read.</summary>
    /// <param name="text">The document.</param>
    /// <param name="report">Takes line, column, rule and message of whatever is wrong.</param>
    public static YamlValue? Read(string text, Action<int, int, string, string> report)
    {
        var tabs = ReportTabs(text, report);
        var tree = new YamlTree(text, report);
        try
        {
            return tree.Document();
        }
        catch (TooDeepException deep)
        {
            report(deep.Line, deep.Column, "yaml-depth", $"is nested more than {MaximumDepth} levels deep");
        }
        catch (YamlException problem)
        {
            if (!tabs.Contains((int)problem.Start.Line))
            {
                report(Math.Max(1, (int)problem.Start.Line), Math.Max(1, (int)problem.Start.Column), "yaml-syntax", $"is not YAML: {problem.Message}");
            }
        }

        catch (InvalidOperationException) // YamlDotNet's answer to plain text that ends in the middle of a list, without a place: that of the last thing it read
        {
            var place = tree._parser.Current?.Start ?? Mark.Empty;
            report(Math.Max(1, (int)place.Line), Math.Max(1, (int)place.Column), "yaml-syntax", "is not YAML: what begins here is not closed");
        }

        return null;
    }

    private static HashSet<int> ReportTabs(string text, Action<int, int, string, string> report)
    {
        var (found, number) = (new HashSet<int>(), 0);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var indentation = line[..^line.TrimStart(" \t").Length];
            if (indentation.IndexOf('\t') is >= 0 and var tab)
            {
                found.Add(number);
                report(number, tab + 1, "yaml-tab", "a tab in the indentation; YAML indents with spaces");
            }
        }

        return found;
    }

    private YamlValue? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            _report(1, 1, "file-empty", "holds no document");
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = Value(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            _report((int)second.Start.Line, (int)second.Start.Column, "yaml-documents", "a further document begins here; a file is one protocol");
        }

        return root;
    }

    private YamlValue Value(int depth)
    {
        _parser.Accept<ParsingEvent>(out var next);
        var (line, column) = ((int)next!.Start.Line, (int)next.Start.Column);
        if (depth > MaximumDepth)
        {
            throw new TooDeepException(line, column);
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            _report(line, column, "yaml-anchor", $"refers to an anchor (*{alias.Value}); write out what is meant");
            return new YamlText(line, column, "", true);
        }

        if (next is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _report(line, column, "yaml-anchor", $"sets an anchor (&{anchored.Anchor}); write out what is meant where it is meant");
        }

        if (next is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            _report(line, column, "yaml-tag", $"has a tag ({tagged.Tag}); a protocol knows text, whole numbers, lists and mappings");
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new YamlText(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        if (_parser.TryConsume<SequenceStart>(out _))
        {
            var list = new YamlList(line, column, []);
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                list.Items.Add(Value(depth + 1));
            }

            return list;
        }

        _parser.Consume<MappingStart>();
        var map = new YamlMap(line, column, []);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Value(depth + 1);
            map.Pairs.Add((key as YamlText ?? new YamlText(key.Line, key.Column, "?", false), Value(depth + 1)));
        }

        return map;
    }

    private sealed class TooDeepException(int line, int column) : Exception
    {
        public int Line => line;

        public int Column => column;
    }
}
