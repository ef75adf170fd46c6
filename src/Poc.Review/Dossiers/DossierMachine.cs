using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Dossiers;

/// <summary>What may be done with a dossier, and in which state; each is the method of that name.</summary>
public enum DossierAction
{
    /// <summary>Name statements for the panel.</summary>
    AttachStatements,

    /// <summary>Put the right of reply on record.</summary>
    RecordRightOfReply,

    /// <summary>Give the label on the urgent track.</summary>
    DesignateProvisionally,

    /// <summary>Seat the panel: Gathering becomes Voting.</summary>
    SeatPanel,

    /// <summary>Step back from the panel.</summary>
    DeclareConflict,

    /// <summary>Give the seat of one who stepped back to somebody else.</summary>
    ReplaceMember,

    /// <summary>Seal an assessment.</summary>
    CastAssessment,

    /// <summary>Seal a vote; the last one makes Voting BallotsOpen.</summary>
    CastBallot,

    /// <summary>Open at the end of the term.</summary>
    OpenBallots,

    /// <summary>Put a dissent on record.</summary>
    RecordDissent,

    /// <summary>Draft the decision: BallotsOpen becomes Drafted.</summary>
    DraftDecision,

    /// <summary>Sign; the last signature makes Drafted Decided.</summary>
    SignDecision,
}

/// <summary>The states of a review. Concerns may be recorded in each, so they are no action here.</summary>
public static class DossierMachine
{
    /// <summary>What the state allows.</summary>
    public static IReadOnlyList<DossierAction> Legal(State state) => state switch
    {
        State.Gathering => [DossierAction.AttachStatements, DossierAction.RecordRightOfReply, DossierAction.DesignateProvisionally, DossierAction.SeatPanel],
        State.Voting =>
        [
            DossierAction.RecordRightOfReply, DossierAction.DesignateProvisionally, DossierAction.DeclareConflict, DossierAction.ReplaceMember, DossierAction.CastAssessment,
                DossierAction.CastBallot,
            DossierAction.OpenBallots,
        ],
        State.BallotsOpen => [DossierAction.RecordRightOfReply, DossierAction.RecordDissent, DossierAction.DraftDecision],
        State.Drafted => [DossierAction.RecordDissent, DossierAction.DraftDecision, DossierAction.SignDecision],
        _ => [],
    };
}
