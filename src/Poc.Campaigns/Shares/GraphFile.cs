using System.Buffers;
using System.Text;
using System.Xml;
using Poc.Campaigns.Output;

namespace Poc.Campaigns.Shares;

/// <summary>Writes a network as GraphML (http://graphml.graphdrawing.org), one element a line.</summary>
internal static class GraphFile
{
    // What cannot stand as it is: markup, carriage returns, characters that XML 1.0 cannot hold, and the first byte of those beyond that (U+FFFE and U+FFFF begin with EF in UTF-8).
    private static readonly SearchValues<byte> NeedEscape = SearchValues.Create([.. Enumerable.Range(0, 32).Where(one => one is not ('\t' or '\n')).Select(one => (byte)one), (byte)'&', (byte)'<', (byte)'>', 0xEF]);

    public static void Write(ShareNetwork network, bool fast, string path)
    {
        using var xml = new Utf8File(path);
        xml.Write("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"u8);
        Key(xml, "name"u8, "node"u8, "string"u8);
        Key(xml, "weight"u8, "edge"u8, "double"u8);
        Key(xml, "avg_time_delta"u8, "edge"u8, "double"u8);
        Key(xml, "edge_symmetry_score"u8, "edge"u8, "double"u8);
        Key(xml, "weight_threshold"u8, "edge"u8, "int"u8);
        if (fast)
        {
            Key(xml, "weight_fast"u8, "edge"u8, "double"u8);
            Key(xml, "weight_threshold_fast"u8, "edge"u8, "int"u8);
        }

        xml.Write("  <graph edgedefault=\"undirected\">\n"u8);
        Nodes(xml, network);
        Edges(xml, network);
        xml.Write("  </graph>\n</graphml>\n"u8);
    }

    private static void Key(Utf8File xml, ReadOnlySpan<byte> name, ReadOnlySpan<byte> of, ReadOnlySpan<byte> type)
    {
        xml.Write("  <key id=\""u8);
        xml.Write(name);
        xml.Write("\" for=\""u8);
        xml.Write(of);
        xml.Write("\" attr.name=\""u8);
        xml.Write(name);
        xml.Write("\" attr.type=\""u8);
        xml.Write(type);
        xml.Write("\" />\n"u8);
    }

    private static void Nodes(Utf8File xml, ShareNetwork network)
    {
        for (var i = 0; i < network.Accounts.Length; i++)
        {
            xml.Write("    <node id=\"n"u8);
            xml.Write(i);
            xml.Write("\"><data key=\"name\">"u8);
            var length = network.Table.Accounts.Length(network.Accounts[i]);
            var place = xml.Reserve(length);
            if (place[..network.Table.Accounts.CopyTo(network.Accounts[i], place)].IndexOfAny(NeedEscape) < 0)
            {
                xml.Advance(length);
            }
            else
            {
                xml.Write(Encoding.UTF8.GetBytes(Escaped(network.Table.Accounts.Text(network.Accounts[i]))));
            }

            xml.Write("</data></node>\n"u8);
        }
    }

    private static void Edges(Utf8File xml, ShareNetwork network)
    {
        var vertices = network.Vertices();
        foreach (ref readonly var edge in network.Edges.AsSpan())
        {
            xml.Write("    <edge source=\"n"u8);
            xml.Write(vertices[edge.From]);
            xml.Write("\" target=\"n"u8);
            xml.Write(vertices[edge.To]);
            xml.Write("\"><data key=\"weight\">"u8);
            xml.Write(edge.Full.Weight);
            xml.Write("</data><data key=\"avg_time_delta\">"u8);
            xml.Write(edge.Full.AverageDelta);
            xml.Write("</data><data key=\"edge_symmetry_score\">"u8);
            xml.Write(edge.Full.Symmetry);
            xml.Write("</data><data key=\"weight_threshold\">"u8);
            xml.Write(edge.Heavy ? 1 : 0);
            if (network.Fast(in edge) is { } part)
            {
                xml.Write("</data><data key=\"weight_fast\">"u8);
                xml.Write(part.Weight);
                xml.Write("</data><data key=\"weight_threshold_fast\">"u8);
                xml.Write(edge.HeavyFast == true ? 1 : 0);
            }

            xml.Write("</data></edge>\n"u8);
        }
    }

    /// <summary>Characters that XML 1.0 cannot hold become the replacement character.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var one in text)
        {
            _ = one switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '\r' => escaped.Append("&#xD;"),
                _ => escaped.Append(char.IsSurrogate(one) || XmlConvert.IsXmlChar(one) ? one : '\uFFFD'),
            };
        }

        return escaped.ToString();
    }
}
