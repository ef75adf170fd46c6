using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Google.Protobuf.Reflection;

namespace Poc.Grpc.OpenApi;

/// <summary>The comments of protos: they are not in the descriptors, but the generated code's documentation file beside its assembly has them.</summary>
internal sealed partial class ProtoComments
{
    private readonly Dictionary<Assembly, Dictionary<string, string>> _files = [];

    public string Of(MessageDescriptor message) => Find(message.ClrType.Assembly, $"T:{Name(message.ClrType)}");

    public string Of(FieldDescriptor field) => Find(field.ContainingType.ClrType.Assembly, $"P:{Name(field.ContainingType.ClrType)}.{field.PropertyName}");

    /// <param name="method">The method.</param>
    /// <param name="generated">Any type of the assembly in which its service was generated.</param>
    public string Of(MethodDescriptor method, Type generated) =>
        Find(generated.Assembly, $"M:{generated.Namespace}.{method.Service.Name}.{method.Service.Name}Base.{method.Name}(", begins: true);

    private string Find(Assembly assembly, string member, bool begins = false)
    {
        if (!_files.TryGetValue(assembly, out var comments))
        {
            _files.Add(assembly, comments = Read(Path.ChangeExtension(assembly.Location, ".xml")));
        }

        return begins ? comments.FirstOrDefault(pair => pair.Key.StartsWith(member, StringComparison.Ordinal)).Value ?? "" : comments.GetValueOrDefault(member, "");
    }

    private static Dictionary<string, string> Read(string file)
    {
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        if (File.Exists(file))
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                comments[(string)member.Attribute("name")!] = Spaces().Replace((string?)member.Element("summary") ?? "", " ").Trim();
            }
        }

        return comments;
    }

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
