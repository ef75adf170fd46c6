using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Review;

/// <summary>Every error of Review's own; those that any service has are in <see cref="CommonErrors"/>.</summary>
public static class ReviewErrors
{
    /// <summary>There is no such protocol version on record.</summary>
    public static RpcError ProtocolNotFound(string name) => NotFound("PROTOCOL_NOT_FOUND", name);

    /// <summary>There is no such subject; in the register: none of whom anything was said in public.</summary>
    public static RpcError SubjectNotFound(string name) => NotFound("SUBJECT_NOT_FOUND", name);

    /// <summary>There is no such episode.</summary>
    public static RpcError EpisodeNotFound(string name) => NotFound("EPISODE_NOT_FOUND", name);

    /// <summary>There is no such dossier.</summary>
    public static RpcError DossierNotFound(string name) => NotFound("DOSSIER_NOT_FOUND", name);

    /// <summary>There is no such decision.</summary>
    public static RpcError DecisionNotFound(string name) => NotFound("DECISION_NOT_FOUND", name);

    /// <summary>There is neither a recorded precedent nor a decision in force of that name.</summary>
    public static RpcError PrecedentNotFound(string name) => NotFound("PRECEDENT_NOT_FOUND", name);

    /// <summary>There is a subject of that id already.</summary>
    public static RpcError SubjectExists(string name) => Exists("SUBJECT_EXISTS", name);

    /// <summary>There is an episode of that id already.</summary>
    public static RpcError EpisodeExists(string name) => Exists("EPISODE_EXISTS", name);

    /// <summary>There is no such change of who a subject is.</summary>
    public static RpcError IdentityChangeNotFound(string name) => NotFound("IDENTITY_CHANGE_NOT_FOUND", name);

    /// <summary>Who proposed a change of who a subject is wants to confirm it.</summary>
    public static RpcError IdentityChangeNeedsAnotherPerson(string name) =>
        Denied("IDENTITY_CHANGE_NEEDS_ANOTHER_PERSON", $"{name} must be confirmed by somebody else than who proposed it.", ("name", name));

    /// <summary>The change counts already.</summary>
    public static RpcError IdentityChangeConfirmed(string name) => Refused("IDENTITY_CHANGE_CONFIRMED", $"{name} was confirmed before.", ("name", name));

    /// <summary>Another change of the same subject, or of the other, was confirmed after this one was proposed: propose it anew, knowing that.</summary>
    public static RpcError IdentityChanged(string name) => Refused("IDENTITY_CHANGED", $"Since {name} was proposed, another change of who that is was confirmed. Propose it anew.", ("name", name));

    /// <summary>The subject is read under another, which is the one to name.</summary>
    /// <param name="name">The subject.</param>
    /// <param name="into">The subject under which it is read.</param>
    public static RpcError SubjectMerged(string name, string into) => Refused("SUBJECT_MERGED", $"{name} turned out to be {into}: name that.", ("name", name), ("into", into));

    /// <summary>The subject cannot be separated from the other: it is not merged into it.</summary>
    public static RpcError SubjectNotMerged(string name, string other) => Refused("SUBJECT_NOT_MERGED", $"{name} is not merged into {other}.", ("name", name), ("other", other));

    /// <summary>Two subjects cannot be made one, or one two, before other things are decided. The metadata names them, each kind only where there is something of it.</summary>
    /// <param name="name">The subject.</param>
    /// <param name="labels">Episodes whose labels would stand beside each other.</param>
    /// <param name="dossiers">Reviews that a panel has in hand.</param>
    /// <param name="aims">Aims of mandates that were decided differently.</param>
    public static RpcError IdentityChangeBlocked(string name, IEnumerable<string> labels, IEnumerable<string> dossiers, IEnumerable<string> aims)
    {
        (string Key, string Names, string What)[] all =
        [
            ("labels", string.Join(',', labels), "labels stand in {0}: end or withdraw all but one"),
            ("dossiers", string.Join(',', dossiers), "a panel has {0} in hand: let it be decided"),
            ("aims", string.Join(',', aims), "mandates differ for {0}: decide the same for both"),
        ];
        var given = all.Where(static each => each.Names.Length > 0).ToList();
        var first = string.Join("; ", given.Select(static each => string.Format(CultureInfo.InvariantCulture, each.What, each.Names)));
        return Refused("IDENTITY_CHANGE_BLOCKED", $"Who {name} is cannot change before this is decided: {first}.", [("name", name), .. given.Select(static each => (each.Key, each.Names))]);
    }

    /// <summary>A person carries the label in one episode at a time, and it is in force in another.</summary>
    /// <param name="episode">Where it was to be given.</param>
    /// <param name="others">Where it stands.</param>
    public static RpcError LabelStands(string episode, IEnumerable<string> others)
    {
        var names = string.Join(',', others);
        return Refused("LABEL_STANDS", $"The label cannot be given in {episode} while it is in force in {names}: end or withdraw that first.", ("name", episode), ("labels", names));
    }

    /// <summary>There is a precedent of that id already.</summary>
    public static RpcError PrecedentExists(string name) => Exists("PRECEDENT_EXISTS", name);

    /// <summary>The state does not allow the action. The metadata has the state and what it allows.</summary>
    /// <param name="name">What has the state.</param>
    /// <param name="state">The state now.</param>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="legal">What the state allows; may be nothing.</param>
    public static RpcError IllegalTransition(string name, string state, string wanted, IEnumerable<string> legal)
    {
        var allowed = string.Join(',', legal);
        return new(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION", $"{name} is {state}, which does not lead to {wanted}. It leads to: {(allowed.Length == 0 ? "nothing" : allowed)}.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = name, ["state"] = state, ["wanted"] = wanted, ["legal"] = allowed },
        };
    }

    /// <summary>No request in the dossier gives a reason why it cannot wait: the urgent track is not open to it.</summary>
    public static RpcError UrgencyMissing(string dossier) => Refused("URGENCY_MISSING", $"No request in {dossier} gives a reason for urgency.", ("name", dossier));

    /// <summary>No detention of the subject is on record: open an episode first.</summary>
    public static RpcError EpisodeMissing(string subject) => Refused("EPISODE_MISSING", $"{subject} has no episode on record: open one first.", ("name", subject));

    /// <summary>The archive does not have the statement, or it specifies no words. It cannot be put before a panel.</summary>
    /// <param name="statement">Which.</param>
    /// <param name="finding">The archive's finding: <c>STATEMENT_UNKNOWN</c> or <c>NOT_SPECIFIC</c>.</param>
    public static RpcError StatementNotCitable(string statement, string finding) =>
        Refused("STATEMENT_NOT_CITABLE", $"{statement} cannot be cited: {finding}.", ("statement", statement), ("finding", finding));

    /// <summary>The archive does not confirm a citation at this moment: nothing was signed or drafted.</summary>
    /// <param name="statement">The cited statement.</param>
    /// <param name="index">The citation's place in the decision, from 0.</param>
    /// <param name="verdict">The archive's verdict, e.g. <c>CONTENT_CHANGED</c>.</param>
    /// <param name="detail">The archive's words.</param>
    public static RpcError CitationRefused(string statement, int index, string verdict, string detail) =>
        Refused(
            "CITATION_REFUSED",
            string.Create(CultureInfo.InvariantCulture, $"The archive refuses citation {index} of {statement}: {verdict}. {detail}"),
            ("statement", statement), ("citation", index.ToString(CultureInfo.InvariantCulture)), ("verdict", verdict));

    /// <summary>A "not retracted" rests on a search record that the archive does not have, or that is none.</summary>
    public static RpcError SearchRecordMissing(string statement, string record) =>
        Refused("SEARCH_RECORD_MISSING", $"\"Not retracted\" of {statement} rests on {record}, which is no dated search record of the archive.", ("statement", statement), ("search_record", record));

    /// <summary>The archive cannot be asked. Nothing was written; send the same request again.</summary>
    public static RpcError ArchiveUnavailable(Exception cause) =>
        new(StatusCode.Unavailable, "ARCHIVE_UNAVAILABLE", "The archive cannot be asked to verify statements at the moment.", cause) { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>Intake cannot be asked what requests say of their own. Nothing else of the dossier needs it.</summary>
    public static RpcError IntakeUnavailable(Exception cause) =>
        new(StatusCode.Unavailable, "INTAKE_UNAVAILABLE", "Intake cannot be asked at the moment.", cause) { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The dossier has no entry for this campaign.</summary>
    /// <param name="campaign">Which.</param>
    public static RpcError EntryNotFound(string campaign) => NotFound("ENTRY_NOT_FOUND", campaign);

    /// <summary>The panel has fewer members than the protocol asks for.</summary>
    public static RpcError PanelTooSmall(int members, int minimum) =>
        Refused(
            "PANEL_TOO_SMALL",
            string.Create(CultureInfo.InvariantCulture, $"The protocol asks for a panel of at least {minimum}; {members} were named."),
            ("minimum", minimum.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Who decided, drafted or signed what is appealed cannot judge the appeal.</summary>
    public static RpcError PanelMemberConflicted(IEnumerable<string> staff)
    {
        var names = string.Join(',', staff);
        return Refused("PANEL_MEMBER_CONFLICTED", $"Cannot judge an appeal against what they decided, drafted or signed: {names}.", ("staff", names));
    }

    /// <summary>People cannot be seated for a subject to whom a tie of theirs is on record.</summary>
    public static RpcError PanelMemberTied(IEnumerable<string> staff, string subject)
    {
        var names = string.Join(',', staff);
        return Refused("PANEL_MEMBER_TIED", $"A tie to {subject} is on record of: {names}.", ("staff", names));
    }

    /// <summary>The seat cannot be given to somebody else: who has it did not step back, or was replaced before.</summary>
    public static RpcError SeatNotVacant(string dossier, string staff) =>
        Refused("SEAT_NOT_VACANT", $"The seat of {staff} on the panel of {dossier} is not vacant.", ("name", dossier), ("staff", staff));

    /// <summary>Who is to take a seat has one on this panel, or stepped back from it.</summary>
    public static RpcError AlreadyOnPanel(string dossier, string staff) =>
        Refused("ALREADY_ON_PANEL", $"{staff} sits on the panel of {dossier}, or stepped back from it.", ("name", dossier), ("staff", staff));

    /// <summary>There is no such tie.</summary>
    public static RpcError TieNotFound(string name) => NotFound("TIE_NOT_FOUND", name);

    /// <summary>The tie was ended before.</summary>
    public static RpcError TieEnded(string name) => Refused("TIE_ENDED", $"{name} was ended before.", ("name", name));

    /// <summary>Who decided, drafted or signed what is appealed neither drafts nor signs the decision on the appeal.</summary>
    public static RpcError DecidedBefore(string staff) =>
        Refused("DECIDED_BEFORE", $"{staff} decided, drafted or signed what is appealed and takes no part in the appeal.", ("staff", staff));

    /// <summary>The caller is not on this panel, or has stepped back from it.</summary>
    public static RpcError NotOnPanel(string dossier) => Denied("NOT_ON_PANEL", $"The caller is not on the panel of {dossier}.", ("name", dossier));

    /// <summary>The caller assessed this statement already; nothing cast is edited.</summary>
    public static RpcError AssessmentAlreadyCast(string statement) =>
        new(StatusCode.AlreadyExists, "ASSESSMENT_ALREADY_CAST", $"The caller's assessment of {statement} is cast. Nothing cast is edited.")
        {
            Metadata = new Dictionary<string, string> { ["statement"] = statement },
        };

    /// <summary>The caller voted already; nothing cast is edited.</summary>
    public static RpcError BallotAlreadyCast(string dossier) =>
        new(StatusCode.AlreadyExists, "BALLOT_ALREADY_CAST", $"The caller's ballot in {dossier} is cast. Nothing cast is edited.")
        {
            Metadata = new Dictionary<string, string> { ["name"] = dossier },
        };

    /// <summary>A vote comes after an assessment of every statement of the dossier.</summary>
    public static RpcError AssessmentMissing(IEnumerable<string> statements)
    {
        var names = string.Join(',', statements);
        return Refused("ASSESSMENT_MISSING", $"The caller has not assessed: {names}.", ("statements", names));
    }

    /// <summary>Sealed voting is over: the ballots are open, or the term has ended.</summary>
    public static RpcError VotingClosed(string dossier) => Refused("VOTING_CLOSED", $"Voting in {dossier} is over.", ("name", dossier));

    /// <summary>The term is running and ballots are outstanding.</summary>
    public static RpcError TermRunning(string dossier, DateTimeOffset endsAt) =>
        Refused("TERM_RUNNING", string.Create(CultureInfo.InvariantCulture, $"Voting in {dossier} runs until {endsAt:O}."), ("name", dossier), ("voting_ends_at", endsAt.ToString("O", CultureInfo.InvariantCulture)));

    /// <summary>Fewer members without a conflict have voted than the protocol's quorum.</summary>
    public static RpcError QuorumMissing(int cast, int quorum) =>
        Refused(
            "QUORUM_MISSING",
            string.Create(CultureInfo.InvariantCulture, $"The quorum is {quorum}; {cast} ballots count."),
            ("quorum", quorum.ToString(CultureInfo.InvariantCulture)), ("cast", cast.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A dissent is for who voted against the outcome.</summary>
    public static RpcError VotedWithOutcome(string dossier) => Denied("VOTED_WITH_OUTCOME", $"The caller did not vote against the outcome of {dossier}.", ("name", dossier));

    /// <summary>The caller's dissent is on record already.</summary>
    public static RpcError DissentAlreadyRecorded(string dossier) => Exists("DISSENT_ALREADY_RECORDED", dossier);

    /// <summary>The caller's concern about this dossier is on record already, named or anonymous.</summary>
    public static RpcError ConcernAlreadyRecorded(string dossier) => Exists("CONCERN_ALREADY_RECORDED", dossier);

    /// <summary>There is no draft before the ballots are open.</summary>
    public static RpcError BallotsSealed(string dossier) => Refused("BALLOTS_SEALED", $"The ballots of {dossier} are sealed.", ("name", dossier));

    /// <summary>Nothing says whether the subject could reply: record it, or why not.</summary>
    public static RpcError RightOfReplyMissing(string dossier) => Refused("RIGHT_OF_REPLY_MISSING", $"{dossier} does not say whether the subject could reply.", ("name", dossier));

    /// <summary>A decision that departs from a precedent says why.</summary>
    public static RpcError DepartureUnexplained(string precedent) =>
        Refused("DEPARTURE_UNEXPLAINED", $"The decision departs from {precedent} and does not say why (\"treated differently because …\").", ("precedent", precedent));

    /// <summary>Near precedents were decided otherwise, and the decision does not say of each of them why this case is treated differently, as its protocol asks.</summary>
    public static RpcError PrecedentUnanswered(IEnumerable<string> precedents)
    {
        var names = string.Join(',', precedents);
        return Refused("PRECEDENT_UNANSWERED", $"Near precedents were decided otherwise; the decision must say why this case is treated differently (departs, because …): {names}.", ("precedents", names));
    }

    /// <summary>The caller signed this decision already; the other signature is another person's.</summary>
    public static RpcError AlreadySignedByCaller(string decision) => Refused("ALREADY_SIGNED_BY_CALLER", $"The caller has signed {decision}. The other signature is another person's.", ("name", decision));

    /// <summary>Somebody else signed in the caller's role already.</summary>
    public static RpcError RoleAlreadySigned(string decision, string role) => Refused("ROLE_ALREADY_SIGNED", $"{decision} is signed by a {role} already.", ("name", decision), ("role", role));

    /// <summary>Only a signed decision can be appealed.</summary>
    public static RpcError DecisionNotSigned(string decision) => Refused("DECISION_NOT_SIGNED", $"{decision} is not in force.", ("name", decision));

    /// <summary>The protocol the decision was made under does not give this appellant standing.</summary>
    public static RpcError NoStanding(string decision, string appellant, string protocol) =>
        Refused("NO_STANDING", $"{protocol}, under which {decision} was made, gives a {appellant} no standing.", ("name", decision), ("appellant", appellant), ("protocol", protocol));

    /// <summary>An appeal against this decision is open; it ends by its own decision.</summary>
    public static RpcError AppealPending(string decision, string dossier) => Refused("APPEAL_PENDING", $"An appeal against {decision} is open: {dossier}.", ("name", decision), ("dossier", dossier));

    /// <summary>The state of a dossier does not allow the action.</summary>
    internal static RpcError IllegalTransition(string dossier, Dossier.Types.State state, string wanted, IReadOnlyList<string> legal) =>
        IllegalTransition(dossier, EnumText<Dossier.Types.State>.Of(state), wanted, legal);

    private static RpcError NotFound(string reason, string name) =>
        new(StatusCode.NotFound, reason, $"There is no {name}.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    private static RpcError Exists(string reason, string name) =>
        new(StatusCode.AlreadyExists, reason, $"{name} has one already, or exists already.") { Metadata = new Dictionary<string, string> { ["name"] = name } };

    private static RpcError Refused(string reason, string message, params (string Key, string Value)[] metadata) =>
        new(StatusCode.FailedPrecondition, reason, message) { Metadata = metadata.ToDictionary(static pair => pair.Key, static pair => pair.Value) };

    private static RpcError Denied(string reason, string message, params (string Key, string Value)[] metadata) =>
        new(StatusCode.PermissionDenied, reason, message) { Metadata = metadata.ToDictionary(static pair => pair.Key, static pair => pair.Value) };
}
