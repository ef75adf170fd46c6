using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Erasures;

/// <summary>Reads proposals.</summary>
internal static class ErasureProposals
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>erasure_proposals</c>.</summary>
    public const string Columns = "proposal_id, object_id, name, reason, authority, proposed_by, proposed_at";

    private const string FindSql = $"SELECT {Columns} FROM erasure_proposals WHERE proposal_id = $1";

    /// <summary>A proposal with its object; null when there is none.</summary>
    public static Task<(ErasureProposal Proposal, Guid ObjectId)?> FindAsync(Tx tx, Guid id)
        => tx.QuerySingleOrDefaultAsync(FindSql, static row => ((ErasureProposal, Guid)?)(Read(row), row.GetGuid(1)), id);

    /// <summary>A proposal without what became of it.</summary>
    public static ErasureProposal Read(Npgsql.NpgsqlDataReader row) => new()
    {
        Name = $"erasures/{row.GetGuid(0)}",
        Object = row.GetString(2),
        Reason = System.Enum.Parse<ErasureReason>(row.GetString(3)),
        Authority = row.GetString(4),
        ProposedBy = row.GetString(5),
        ProposedAt = row.GetFieldValue<DateTimeOffset>(6).ToTimestamp(),
    };
}
