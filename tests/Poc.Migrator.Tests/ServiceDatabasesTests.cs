using Poc.Postgres;
using Poc.Testing;

namespace Poc.Migrator.Tests;

public sealed class ServiceDatabasesTests
{
    [Fact]
    public void Finds_the_scripts_that_lie_in_the_services_folders()
    {
        foreach (var (name, service) in new[]
        {
            ("intakedb", "Poc.Intake"), ("archivekeys", "Poc.StatementArchive/Keys"), ("archivedb", "Poc.StatementArchive"), ("reviewdb", "Poc.Review"),
            ("notificationdb", "Poc.Notification"),
        })
        {
            var folder = Checkout.Path("src", service, "Schema");
            IEnumerable<string?> files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.sql").Select(Path.GetFileName).Order(StringComparer.Ordinal) : [];
            Assert.Equal(files, ServiceDatabases.ScriptsOf(name).Select(script => script.Name));
        }
    }

    [Fact]
    public void Puts_no_script_of_a_service_before_the_shared_ones() =>
        Assert.All(ServiceDatabases.Names.SelectMany(ServiceDatabases.ScriptsOf),
            script => Assert.True(string.CompareOrdinal(script.Name, Migrations.Shared[^1].Name) > 0, script.Name));

    [Fact]
    public void Refuses_a_name_it_does_not_know() => Assert.Throws<ArgumentException>(() => ServiceDatabases.ScriptsOf("otherdb"));
}
