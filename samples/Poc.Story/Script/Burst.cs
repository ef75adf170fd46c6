using System.Globalization;
using Poc.Contracts.Intake.V1;

namespace Poc.Story.Script;

/// <summary>A request as a section files it, and what must become of it.</summary>
/// <param name="Key">Names the step; the request id and the partner's own reference come from it.</param>
/// <param name="Section">Id of the section that received it.</param>
/// <param name="Request">As it is filed.</param>
/// <param name="Wording">Id of its form letter; null for an ordinary request.</param>
/// <param name="HasResidue">It says something of its own.</param>
/// <param name="State">Where it ends.</param>
/// <param name="Reason">The reason code for that; empty where none is due.</param>
/// <param name="Review">Key of the review that answers it; null where none does.</param>
internal sealed record PlannedRequest(
    string Key, string Section, Request Request, string? Wording, bool HasResidue, Request.Types.State State, string Reason, string? Review);

/// <summary>
/// Makes the requests of the story from data/requests.yaml, the same ones on every run: copy k of a wording takes greeting and closing in turn, residues are
/// spread evenly over the copies, wordings and ordinary requests are shuffled together by their relative position, and sections take turns.
/// </summary>
internal static class Burst
{
    // Why a request is Answered: the decision about its dossier became public.
    private const string DecisionAnnounced = "DECISION_ANNOUNCED";

    public static PlannedRequest Urgent(StoryScript script)
    {
        var urgent = script.Requests.Urgent;
        var request = Filing(script.MainSubject.Name, urgent.Kind, urgent.Language, urgent.Text, urgent.Criteria, urgent.Relation, "urgent");
        request.UrgencyReason = urgent.Urgency;
        return new PlannedRequest("urgent", urgent.Section, request, null, false, Request.Types.State.Answered, DecisionAnnounced, "designation");
    }

    public static PlannedRequest Late(StoryScript script)
    {
        var late = script.Requests.Late;
        var wording = script.Requests.Burst.Wordings.Single(wording => wording.Id == late.Wording);
        return new PlannedRequest("late", late.Section, Letter(script, wording, 0, null, "late"), wording.Id, false, late.Expect.State, late.Expect.Reason, null);
    }

    /// <summary>The letter in counsel's name.</summary>
    public static PlannedRequest Impostor(StoryScript script)
    {
        var impostor = script.Requests.Impostor;
        var request = Filing(script.MainSubject.Name, impostor.Kind, impostor.Language, impostor.Text, [], impostor.Relation, "impostor");
        return new PlannedRequest("impostor", impostor.Section, request, null, false, impostor.Expect.State, impostor.Expect.Reason, null);
    }

    public static IReadOnlyList<PlannedRequest> Of(StoryScript script)
    {
        var burst = script.Requests.Burst;
        var letters = burst.Wordings.SelectMany(wording => Letters(script, wording));
        var ordinary = burst.Ordinary.Select((request, index) => (Place: Place(index, burst.Ordinary.Count), Order: burst.Wordings.Count,
            Make: (Func<string, string, PlannedRequest>)((key, section) => new PlannedRequest(key, section,
                Filing($"subjects/{request.Subject}", request.Kind, request.Language, request.Text, request.Criteria, Relation.ThirdParty, key), null, true,
                request.Expect ?? burst.OrdinaryExpect.State, request.Expect is null ? burst.OrdinaryExpect.Reason : "", null))));
        return [.. letters.Concat(ordinary)
            .OrderBy(static entry => entry.Place).ThenBy(static entry => entry.Order)
            .Select((entry, index) => entry.Make(Key(index), script.People.Sections[index * 5 % script.People.Sections.Count].Id))];
    }

    private static IEnumerable<(double Place, int Order, Func<string, string, PlannedRequest> Make)> Letters(StoryScript script, ScriptedWording wording)
    {
        var burst = script.Requests.Burst;
        var residues = burst.Residues.Where(residue => residue.Wording == wording.Id).Select(static residue => residue.Text).ToList();
        var positions = residues.Select((text, index) => ((index + 1) * wording.Copies / (residues.Count + 1), text)).ToDictionary();
        for (var copy = 0; copy < wording.Copies; copy++)
        {
            var number = copy;
            var residue = positions.GetValueOrDefault(copy);
            yield return (Place(copy, wording.Copies), burst.Wordings.IndexOf(wording), (key, section) => new PlannedRequest(
                key, section, Letter(script, wording, number, residue, key), wording.Id, residue is not null, Request.Types.State.Answered, DecisionAnnounced, "delisting"));
        }
    }

    private static Request Letter(StoryScript script, ScriptedWording wording, int copy, string? residue, string key)
    {
        var greeting = wording.Greetings[copy % wording.Greetings.Count];
        var closing = wording.Closings[copy / wording.Greetings.Count % wording.Closings.Count];
        string[] parts = residue is null ? [greeting, wording.Body, closing] : [greeting, wording.Body, residue, closing];
        var burst = script.Requests.Burst;
        var request = Filing($"subjects/{burst.Subject}", burst.Kind, wording.Language, string.Join("\n\n", parts), wording.Criteria, Relation.ThirdParty, key);
        request.CitedStatements.Add(wording.Cites.Select(script.Statements.NameOf));
        return request;
    }

    private static Request Filing(string subject, RequestKind kind, string language, string text, IEnumerable<string> criteria, Relation relation, string key) => new()
    {
        Kind = kind,
        Subject = new SubjectReference { Subject = subject },
        Text = text,
        Language = language,
        Criteria = { criteria },
        Relation = relation,
        PartnerReference = Reference(key),
        Synthetic = true,
    };

    /// <summary>The partner's own reference of a request, by which the story finds it again among all others.</summary>
    public static string Reference(string key) => $"story/{key}";

    private static string Key(int index) => string.Create(CultureInfo.InvariantCulture, $"burst/{index + 1:D3}");

    private static double Place(int index, int count) => (index + 0.5) / count;
}
