using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Subjects;

namespace Poc.Review.Designations;

/// <summary>A designation as it is now, locked until the transaction ends.</summary>
/// <param name="Episode">Its episode.</param>
/// <param name="State">Its last state.</param>
/// <param name="Sequence">Number of its last change.</param>
/// <param name="IsPublic">Something of it was said in public, so that the register has it.</param>
internal sealed record Standing(string Episode, DesignationState State, int Sequence, bool IsPublic);

/// <summary>A change to be put on record.</summary>
/// <remarks><c>SaidOn</c> is the day it is said in public, for a change without a decision; null keeps it internal.</remarks>
internal sealed record NewChange(DesignationState State, string Label, DateOnly EffectiveOn, string Reason, string RecordedBy, string? Decision = null,
    DateOnly? SaidOn = null);

/// <summary>The append-only history of designations.</summary>
internal static class DesignationLedger
{
    private const string SubjectSql = "SELECT subject FROM episodes WHERE name = $1";
    private const string LockSql = "SELECT name FROM episodes WHERE name = $1 FOR UPDATE";

    private const string LastSql = """
        SELECT c.state, c.sequence,
               EXISTS (SELECT 1 FROM designation_history AS h WHERE h.episode = $1 AND h.public_day IS NOT NULL)
        FROM designation_changes AS c WHERE c.episode = $1 ORDER BY c.sequence DESC LIMIT 1
        """;

    private const string AppendSql = """
        INSERT INTO designation_changes (episode, sequence, state, label, effective_on, decision, reason, said_on, recorded_by, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    /// <summary>The designation of an episode; no other transaction changes it until this one ends. Null when there is no such episode.</summary>
    public static async Task<Standing?> LockAsync(Tx tx, string episode)
    {
        // The person first: in another episode of theirs the label may be about to be given, and they may be about to become one with somebody.
        if (await tx.QuerySingleOrDefaultAsync<string>(SubjectSql, static row => row.GetString(0), episode) is not { } subject)
        {
            return null;
        }

        await People.LockAsync(tx, subject);
        await tx.QuerySingleOrDefaultAsync(LockSql, static row => row.GetString(0), episode);
        return await tx.QuerySingleOrDefaultAsync(
            LastSql, row => new Standing(episode, EnumText<DesignationState>.Parse(row.GetString(0)), row.GetInt32(1), row.GetBoolean(2)), episode);
    }

    /// <summary>
    /// Adds a change to a designation that this transaction has locked; gives its standing then. Whether the change is legal is the caller's question to
    /// <see cref="DesignationMachine"/>.
    /// </summary>
    public static async Task<Standing> AppendAsync(Tx tx, Standing now, NewChange change, DateTimeOffset at)
    {
        await tx.ExecuteAsync(
            AppendSql, now.Episode, now.Sequence + 1, EnumText<DesignationState>.Of(change.State), change.Label, change.EffectiveOn, change.Decision,
                change.Reason, change.SaidOn,
            change.RecordedBy, at);
        return now with { State = change.State, Sequence = now.Sequence + 1, IsPublic = now.IsPublic || change.SaidOn is not null };
    }

    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION ILLEGAL_TRANSITION: the state does not lead there.</exception>
    public static void Require(Standing now, DesignationState wanted)
    {
        if (!DesignationMachine.Legal(now.State).Contains(wanted))
        {
            throw Illegal(now, EnumText<DesignationState>.Of(wanted));
        }
    }

    /// <summary>A person carries the label in one episode at a time. Asks before it is given in one, by who has locked it.</summary>
    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION LABEL_STANDS: it is in force in another; that one must be ended or withdrawn first.</exception>
    public static async Task RequireOnlyLabelAsync(Tx tx, Standing now, DesignationState wanted)
    {
        if (DesignationMachine.IsInForce(wanted))
        {
            var person = await People.PersonAsync(tx, now.Episode[..now.Episode.IndexOf("/episodes/", StringComparison.Ordinal)]);
            string[] others = [.. (await IdentityLedger.LabelsAsync(tx, person!)).Where(episode => episode != now.Episode)];
            if (others.Length > 0)
            {
                throw ReviewErrors.LabelStands(now.Episode, others);
            }
        }
    }

    public static Poc.Grpc.RpcError Illegal(Standing now, string wanted) =>
        ReviewErrors.IllegalTransition(now.Episode, EnumText<DesignationState>.Of(now.State), wanted,
            DesignationMachine.Legal(now.State).Select(EnumText<DesignationState>.Of));
}
