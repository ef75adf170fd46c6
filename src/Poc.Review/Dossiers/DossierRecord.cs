using System.Globalization;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Dossiers;

/// <summary>A dossier's own row, locked until the transaction ends: whatever is decided about it is decided here, one transaction after the other.</summary>
internal sealed record DossierRecord
{
    private const string LockSql = """
        SELECT question, subject, episode, state, protocol, voting_ends_at, state_before, appeals, revision FROM dossiers WHERE name = $1 FOR UPDATE
        """;

    private const string TouchSql = "UPDATE dossiers SET revision = revision + 1 WHERE name = $1";
    private const string MoveSql = "UPDATE dossiers SET revision = revision + 1, state = $2 WHERE name = $1";

    public required string Name { get; init; }
    public required QuestionType Question { get; init; }
    public required string Subject { get; init; }
    public required string? Episode { get; init; }
    public required State State { get; init; }
    public required int? Protocol { get; init; }
    public required DateTimeOffset? VotingEndsAt { get; init; }
    public required DesignationState? StateBefore { get; init; }
    public required string? Appeals { get; init; }
    public required long Revision { get; init; }

    /// <summary>The etag of a revision.</summary>
    public static string EtagOf(long revision) => "r" + revision.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="RpcError">NOT_FOUND DOSSIER_NOT_FOUND.</exception>
    public static async Task<DossierRecord> LockAsync(Tx tx, string name) => await tx.QuerySingleOrDefaultAsync(
        LockSql,
        row => new DossierRecord
        {
            Name = name,
            Question = EnumText<QuestionType>.Parse(row.GetString(0)),
            Subject = row.GetString(1),
            Episode = row.IsDBNull(2) ? null : row.GetString(2),
            State = EnumText<State>.Parse(row.GetString(3)),
            Protocol = row.IsDBNull(4) ? null : row.GetInt32(4),
            VotingEndsAt = row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5),
            StateBefore = row.IsDBNull(6) ? null : EnumText<DesignationState>.Parse(row.GetString(6)),
            Appeals = row.IsDBNull(7) ? null : row.GetString(7),
            Revision = row.GetInt64(8),
        },
        name) ?? throw ReviewErrors.DossierNotFound(name);

    /// <exception cref="RpcError">ABORTED ETAG_MISMATCH: the caller has seen another revision.</exception>
    public DossierRecord RequireEtag(string etag) => etag == EtagOf(Revision) ? this : throw CommonErrors.EtagMismatch(Name);

    /// <exception cref="RpcError">FAILED_PRECONDITION ILLEGAL_TRANSITION: the state does not allow it.</exception>
    public DossierRecord Require(DossierAction action) => DossierMachine.Legal(State) is var legal && legal.Contains(action)
        ? this
        : throw ReviewErrors.IllegalTransition(Name, State, action.ToString(), [.. legal.Select(static each => each.ToString())]);

    /// <summary>Changes the etag: what staff see was changed.</summary>
    public Task TouchAsync(Tx tx) => tx.ExecuteAsync(TouchSql, Name);

    /// <summary>Takes another state, and another etag.</summary>
    public Task MoveAsync(Tx tx, State state) => tx.ExecuteAsync(MoveSql, Name, EnumText<State>.Of(state));
}
