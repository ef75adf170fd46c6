using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Review.Protocols;

/// <summary>
/// The protocol versions on record. When the service starts it reads the documents of its folder, records those that are new, and refuses to start when one
/// differs from what is recorded under its version. From then on everything comes from the record.
/// </summary>
public sealed class ProtocolShelf(Database database, IOptions<ReviewOptions> options, TimeProvider clock)
{
    private const string RecordSql = "INSERT INTO protocols (version, sha256, document) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT pk_protocols DO NOTHING";
    private const string AllSql = "SELECT version, sha256, document FROM protocols ORDER BY version";

    private IReadOnlyList<Rules>? _rules;

    /// <summary>All versions on record, oldest first.</summary>
    /// <exception cref="InvalidOperationException">Asked before <see cref="FillAsync"/>.</exception>
    public IReadOnlyList<Rules> All => _rules ?? throw new InvalidOperationException("The protocols are not on record yet: the service has not started.");

    /// <summary>
    /// The version that new requests are held to: the highest that is effective today (UTC); where none is yet, the lowest there is, because a request is never
    /// left without rules.
    /// </summary>
    public Rules Newest => All.LastOrDefault(rules => rules.IsEffectiveOn(Days.Today(clock))) ?? All[0];

    /// <summary>A version by its number; one that a dossier is bound to is always there.</summary>
    public Rules Of(int version) => All.First(rules => rules.Version == version);

    /// <summary>A version by its resource name; null when it is not on record.</summary>
    public Rules? Find(string name) => All.FirstOrDefault(rules => rules.Name == name);

    /// <summary>Reads the folder, records what is new, and takes all versions from the record.</summary>
    /// <exception cref="ProtocolException">A document is malformed, or differs from the one on record under its version, or there is none at all.</exception>
    public async Task FillAsync(CancellationToken cancellation)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, options.Value.ProtocolFolder);
        var documents = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal).ToList() : [];
        var found = Read(documents);
        _rules = await database.InTransactionAsync(tx => RecordAsync(tx, found), cancellation);
        if (_rules.Count == 0)
        {
            throw new ProtocolException($"There is no protocol: {folder} has no *.yaml and none is on record.");
        }
    }

    // Everything that is wrong in any of them, at once.
    private static List<Rules> Read(List<string> documents)
    {
        var read = documents.Select(static path => (Source: path, Checked: RulesDocument.CheckFile(path))).ToList();
        var findings = read.SelectMany(static document => document.Checked.Findings)
            .Concat(ProtocolSet.Check(read.Where(static document => document.Checked.Rules is not null).Select(static document => (document.Source, document.Checked.Rules!))))
            .Where(static finding => finding.Severity == Severity.Error).ToList();
        return findings.Count == 0
            ? [.. read.Select(static document => document.Checked.Rules!)]
            : throw new ProtocolException(string.Join(Environment.NewLine, findings));
    }

    private static async Task<IReadOnlyList<Rules>> RecordAsync(Tx tx, List<Rules> found)
    {
        foreach (var rules in found)
        {
            await tx.ExecuteAsync(RecordSql, rules.Version, rules.DocumentSha256, rules.Document);
        }

        var recorded = await tx.QueryAsync(AllSql, static row => (Version: row.GetInt32(0), Sha256: row.GetFieldValue<byte[]>(1), Document: row.GetString(2)));
        foreach (var rules in found)
        {
            var record = recorded.First(entry => entry.Version == rules.Version);
            if (!record.Sha256.AsSpan().SequenceEqual(rules.DocumentSha256))
            {
                throw new ProtocolException(
                    $"Protocol version {rules.Version} is on record with SHA-256 {Convert.ToHexStringLower(record.Sha256)}; the document found now has {Convert.ToHexStringLower(rules.DocumentSha256)}. "
                    + "A recorded version never changes: restore its document, or give the new rules a new version.");
            }
        }

        var all = recorded.Select(static entry => RulesDocument.Parse($"protocol v{entry.Version} on record", entry.Document)).ToList();
        // A folder may hold only the newest versions: what it adds must fit those on record too. Refused here, nothing of it is recorded.
        var misfits = ProtocolSet.Check(all.Select(static rules => (rules.Name, rules))).Where(static finding => finding.Severity == Severity.Error).ToList();
        return misfits.Count == 0 ? all : throw new ProtocolException(string.Join(Environment.NewLine, misfits));
    }
}
