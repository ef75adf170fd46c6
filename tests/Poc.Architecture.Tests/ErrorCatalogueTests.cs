using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Grpc.Core;
using Poc.Grpc;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>Every error comes from a documented factory in a class <c>…Errors</c>, and docs/errors.md lists them all. <c>POC_WRITE_DOCS=1</c> writes it anew.</summary>
public sealed partial class ErrorCatalogueTests
{
    private static readonly string Document = Path.Combine(Repository.Root(), "docs", "errors.md");

    private static IEnumerable<Type> ErrorClasses =>
        Repository.Services.Append(typeof(RpcError).Assembly).SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsAbstract: true, IsSealed: true } && type.Name.EndsWith("Errors", StringComparison.Ordinal));

    private static IReadOnlyDictionary<string, string> Summaries { get; } = ReadSummaries(string.Concat(Sources().Where(file => file.EndsWith("Errors.cs", StringComparison.Ordinal)).Select(File.ReadAllText)));

    [Fact]
    public void The_document_lists_every_reason()
    {
        var current = Render(ErrorClasses.SelectMany(Entries));
        if (Environment.GetEnvironmentVariable("POC_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Document, current);
        }

        Assert.Equal(current, File.ReadAllText(Document));
    }

    [Fact]
    public void Every_service_has_errors_of_its_own() => Assert.Equal(Repository.Services.Count + 1, ErrorClasses.Select(type => type.Assembly).Distinct().Count());

    [Fact]
    public void Every_factory_says_what_its_error_means() =>
        Assert.Empty(ErrorClasses.SelectMany(Entries).Where(entry => entry.Meaning.Length == 0).Select(entry => entry.Reason));

    [Fact]
    public void A_reason_is_upper_snake_case_and_has_one_code()
    {
        var entries = ErrorClasses.SelectMany(Entries).ToList();
        Assert.All(entries, entry => Assert.Matches("^[A-Z][A-Z0-9_]{2,62}$", entry.Reason));
        Assert.Empty(entries.GroupBy(entry => entry.Reason).Where(group => group.Select(entry => entry.Code).Distinct().Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Services_make_errors_nowhere_else() =>
        Assert.DoesNotContain(ServiceSources(), file => !file.EndsWith("Errors.cs", StringComparison.Ordinal) && File.ReadAllText(file).Contains("new RpcError(", StringComparison.Ordinal));

    [Fact]
    public void The_reader_of_summaries_sees_which_factory_has_none()
    {
        var summaries = ReadSummaries("""
            /// <summary>It was there, and <see cref="Gone"/> is not.</summary>
            /// <param name="what">Of what.</param>
            public static RpcError Gone(string what) => new(StatusCode.NotFound, "GONE", what);

            public static RpcError Silent() => new(StatusCode.NotFound, "SILENT", "");
            """);
        Assert.Equal("It was there, and Gone is not.", summaries["Gone"]);
        Assert.False(summaries.ContainsKey("Silent"));
    }

    private static IEnumerable<string> ServiceSources() => Repository.ServiceNames.SelectMany(Repository.SourceFiles);

    private static IEnumerable<string> Sources() => ServiceSources().Concat(Repository.SourceFiles("Poc.Grpc"));

    private static IEnumerable<MethodInfo> Factories(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(method => !method.IsPrivate && method.ReturnType == typeof(RpcError));

    private static IEnumerable<Entry> Entries(Type type) =>
        from factory in Factories(type)
        let error = (RpcError)factory.Invoke(null, [.. factory.GetParameters().Select(parameter => Sample(parameter.ParameterType))])!
        select new Entry(error.Reason, error.Code, type.Name == "CommonErrors" ? "all" : type.Assembly.GetName().Name!["Poc.".Length..], Summaries.GetValueOrDefault(factory.Name, ""));

    // A value of the parameter's type; only code and reason of what comes out are looked at.
    private static object? Sample(Type type)
    {
        if (type == typeof(string))
        {
            return "sample";
        }

        if (type.IsArray || (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.IsInterface && type.GetGenericArguments() is [_]))
        {
            var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            var one = Array.CreateInstance(element, 1);
            one.SetValue(Sample(element), 0);
            return one;
        }

        return type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance(type) : null;
    }

    private static Dictionary<string, string> ReadSummaries(string source)
    {
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in Documented().Matches(source))
        {
            summaries.TryAdd(match.Groups["name"].Value, Plain(match.Groups["summary"].Value));
        }

        return summaries;
    }

    private static string Plain(string summary) =>
        Spaces().Replace(Tag().Replace(Reference().Replace(summary.Replace("///", " ", StringComparison.Ordinal), "$1"), ""), " ").Trim()
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Render(IEnumerable<Entry> entries)
    {
        var text = new StringBuilder("""
            # Errors

            Every error carries `google.rpc.ErrorInfo` with domain `poc` and one of these reasons; wrong fields are named in `google.rpc.BadRequest`;
            `google.rpc.RetryInfo` says when to come back. Written from the factories by tests/Poc.Architecture.Tests.

            | reason | gRPC code | from | meaning |
            | --- | --- | --- | --- |

            """);
        foreach (var entry in entries.DistinctBy(entry => (entry.Reason, entry.Owner)).OrderBy(entry => entry.Reason, StringComparer.Ordinal).ThenBy(entry => entry.Owner, StringComparer.Ordinal))
        {
            text.Append($"| `{entry.Reason}` | {entry.Code} | {entry.Owner} | {entry.Meaning} |\n");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"///\s*<summary>(?<summary>(?:(?!</summary>).)*)</summary>(?:\s*///[^\n]*)*\s*(?:public|internal)\s+static\s+RpcError\s+(?<name>\w+)\(", RegexOptions.Singleline)]
    private static partial Regex Documented();

    [GeneratedRegex("<(?:see|paramref)[^>]*?(?:cref|name|langword)=\"(?:[A-Z]:)?([^\"]*)\"\\s*/>")]
    private static partial Regex Reference();

    [GeneratedRegex("</?[a-z][^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    private sealed record Entry(string Reason, StatusCode Code, string Owner, string Meaning);
}
