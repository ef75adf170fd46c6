using Poc.Contracts.Events.StatementArchive.V1;

namespace Poc.Postgres.Tests;

/// <summary>Events for the tests of tables that hold any event.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Time = new(2021, 2, 23, 12, 0, 0, TimeSpan.Zero);

    public static string Aggregate() => $"statements/{Guid.CreateVersion7()}";

    public static TranslationAdded Event(string aggregate, long version = 1) => new(Guid.CreateVersion7(), aggregate, version, Time, "ru", (int)version);
}
