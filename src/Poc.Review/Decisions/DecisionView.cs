using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;
using Poc.Postgres;
using Poc.Review.Protocols;

namespace Poc.Review.Decisions;

/// <summary>Reads decisions as staff see them.</summary>
internal static class DecisionView
{
    private const string DecisionSql = """
        SELECT n.name, n.dossier, d.subject, d.episode, d.protocol, n.outcome, n.for_count, n.against_count, n.abstain_count, n.eligible_count, n.reasons,
            n.citations::text,
               n.precedents::text, n.pressure_disclosure, n.harm_forecast, n.effective_on, COALESCE(n.corrects, ''), n.content_sha256, n.revision, n.drafted_by,
               CASE WHEN n.published_at IS NOT NULL THEN 'PUBLIC' WHEN n.in_force_at IS NOT NULL THEN 'EMBARGOED' ELSE 'INTERNAL' END
        FROM decisions AS n JOIN dossiers AS d ON d.name = n.dossier WHERE n.name = $1
        """;

    private const string DissentsSql = """
        SELECT CASE WHEN publish_name THEN author ELSE '' END, text FROM dissents WHERE dossier = $1 ORDER BY recorded_at, author
        """;

    private const string SignaturesSql = "SELECT staff, role, signed_at FROM signatures WHERE decision = $1 ORDER BY signed_at, staff";

    /// <summary>A list of messages as the database has it: a JSON array of protobuf JSON.</summary>
    public static NpgsqlParameter Array<T>(IEnumerable<T> messages) where T : IMessage =>
        Tx.Json($"[{string.Join(',', messages.Select(static message => JsonFormatter.Default.Format(message)))}]");

    /// <summary>A decision; null when there is none of that name.</summary>
    public static async Task<Decision?> ReadAsync(Tx tx, string name)
    {
        if (await tx.QuerySingleOrDefaultAsync(DecisionSql, Map, name) is not { } decision)
        {
            return null;
        }

        decision.Dissents.AddRange(await tx.QueryAsync(DissentsSql, static row => new Dissent { Author = row.GetString(0), Text = row.GetString(1) },
            decision.Dossier));
        decision.Signatures.AddRange(await tx.QueryAsync(
            SignaturesSql,
            static row => new Signature { Staff = row.GetString(0), Role = row.GetString(1), SignedAt = row.GetFieldValue<DateTimeOffset>(2).ToTimestamp() },
            name));
        return decision;
    }

    private static Decision Map(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        Dossier = row.GetString(1),
        Subject = row.GetString(2),
        Episode = row.GetString(3),
        Protocol = Rules.NameOf(row.GetInt32(4)),
        Outcome = EnumText<Outcome>.Parse(row.GetString(5)),
        Tally = new Tally { ForCount = row.GetInt32(6), AgainstCount = row.GetInt32(7), AbstainCount = row.GetInt32(8), EligibleCount = row.GetInt32(9) },
        Reasons = row.GetString(10),
        Citations = { Messages<Citation>(row.GetString(11)) },
        Precedents = { Messages<PrecedentComparison>(row.GetString(12)) },
        PressureDisclosure = row.GetString(13),
        HarmForecast = row.GetString(14),
        EffectiveOn = Days.Text(row.GetFieldValue<DateOnly>(15)),
        Corrects = row.GetString(16),
        ContentSha256 = row.IsDBNull(17) ? ByteString.Empty : ByteString.CopyFrom(row.GetFieldValue<byte[]>(17)),
        Etag = DecisionRecord.EtagOf(row.GetInt64(18)),
        DraftedBy = row.GetString(19),
        Publicity = EnumText<Publicity>.Parse(row.GetString(20)),
    };

    private static IEnumerable<T> Messages<T>(string json) where T : IMessage, new()
    {
        using var array = System.Text.Json.JsonDocument.Parse(json);
        // A field that a later version added is no reason to fail in this one.
        var parser = new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
        return [.. array.RootElement.EnumerateArray().Select(element => parser.Parse<T>(element.GetRawText()))];
    }
}
