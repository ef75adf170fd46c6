using Poc.Contracts.Events.Review.V1;
using Poc.Kernel;

namespace Poc.Intake.Tests;

/// <summary>What Review says.</summary>
internal static class Judgements
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    public static AdmissibilityDecided Admissible(string request, string dossier) => new(Ids.Next(), request, 1, TimeProvider.System.GetUtcNow(), true, dossier, "", "");

    public static AdmissibilityDecided Inadmissible(string request, string reason, string detail) => new(Ids.Next(), request, 1, TimeProvider.System.GetUtcNow(), false, null, reason, detail);

    public static DecisionAnnounced Announced(string dossier, string outcome = "LABEL_WITHDRAWN") =>
        new(Ids.Next(), $"decisions/{Ids.Next()}", 1, TimeProvider.System.GetUtcNow(), dossier, "subjects/navalny", outcome, false);
}
