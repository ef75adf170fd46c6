using System.Xml.Linq;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>Services never reference each other; shared blocks know no service.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Poc.Kernel"] = [],
        ["Poc.Contracts"] = ["Poc.Kernel"],
        ["Poc.Postgres"] = ["Poc.Kernel", "Poc.Contracts"],
        ["Poc.Bus"] = ["Poc.Kernel", "Poc.Contracts", "Poc.Postgres"],
        ["Poc.Grpc"] = ["Poc.Kernel", "Poc.Contracts", "Poc.Postgres"],
        ["Poc.Intake"] = [.. Service, "Poc.Campaigns"],
        ["Poc.Intake.Client"] = [],
        ["Poc.StatementArchive"] = Service,
        ["Poc.Review"] = [.. Service, "Poc.Protocols"],
        ["Poc.Notification"] = Service,
        ["Poc.Migrator"] = ["Poc.Kernel", "Poc.Contracts", "Poc.Postgres", "Aspire.ServiceDefaults"],
        ["Poc.MailSink"] = ["Poc.Kernel", "Aspire.ServiceDefaults"],
        ["Aspire.ServiceDefaults"] = [],
        ["Poc.LocalHost"] = ["Poc.LocalHost.Garnet"],
        ["Poc.LocalHost.Garnet"] = [],
        ["Poc.Campaigns"] = ["Poc.Kernel"],
        ["Poc.Verify"] = ["Poc.Kernel"],
        ["Poc.Witness"] = ["Poc.Kernel"],
        ["Poc.Protocols"] = ["Poc.Contracts"],
        ["Poc.Cli"] = ["Poc.Kernel", "Poc.Contracts", "Poc.Grpc", "Poc.Campaigns", "Poc.Protocols", "Poc.Intake.Client"],
    };

    private static string[] Service => ["Poc.Kernel", "Poc.Contracts", "Poc.Postgres", "Poc.Bus", "Poc.Grpc", "Aspire.ServiceDefaults"];

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_room_may_know(string project)
    {
        var folder = project.StartsWith("Aspire.", StringComparison.Ordinal) ? Repository.Root() : Path.Combine(Repository.Root(), "src");
        Assert.Empty(Forbidden(project, XDocument.Load(Path.Combine(folder, project, project + ".csproj"))));
    }

    [Fact]
    public void Every_project_in_src_has_a_rule()
    {
        var present = Directory.EnumerateDirectories(Path.Combine(Repository.Root(), "src")).Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).Select(Path.GetFileName);
        Assert.All(present, project => Assert.Contains(project!, (IDictionary<string, string[]>)Allowed));
    }

    [Fact]
    public void The_rule_finds_a_service_that_references_another()
    {
        var wrong = XDocument.Parse("""<Project><ItemGroup><ProjectReference Include="../Poc.Review/Poc.Review.csproj" /></ItemGroup></Project>""");
        Assert.Equal(["Poc.Review"], Forbidden("Poc.Intake", wrong));
    }

    private static IEnumerable<string> Forbidden(string project, XDocument file) =>
        file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Except(Allowed[project], StringComparer.Ordinal);
}
