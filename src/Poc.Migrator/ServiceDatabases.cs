using Poc.Postgres;

namespace Poc.Migrator;

/// <summary>The databases of the services, by the names of their connection strings.</summary>
public static class ServiceDatabases
{
    /// <summary>All names, in the order in which they are migrated.</summary>
    public static IReadOnlyList<string> Names { get; } = ["intakedb", "archivekeys", "archivedb", "reviewdb", "notificationdb"];

    /// <summary>The service's own scripts, in order, without the shared ones that <see cref="Migrations.ApplyAsync"/> puts before them.</summary>
    /// <exception cref="ArgumentException">There is no such database.</exception>
    public static IReadOnlyList<MigrationScript> ScriptsOf(string name) => Names.Contains(name)
        ? MigrationScript.FromResources(typeof(ServiceDatabases).Assembly, name + "/")
        : throw new ArgumentException($"There is no database {name}; there are {string.Join(", ", Names)}.", nameof(name));
}
