using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;

namespace Poc.StatementArchive.Statements;

/// <summary>
/// What somebody sees of a statement, by role: those who judge evidence all of it; those who speak or prepare for others neither the notes of staff nor who translated, which
/// may endanger people, nor what opens the commitments; administrators, who run the system and judge nothing, no words at all. What is left out is named, never silently missing.
/// </summary>
public sealed class StatementView
{
    private static readonly StatementView _whole = new([]);
    private static readonly StatementView _spoken = new(["annotations", "commitment_nonce", "source_url", "translations.reviews", "translations.translator"]);
    private static readonly StatementView _bare = new(
        ["annotations", "claims", "commitment_nonce", "content_sha256", "groups_named", "source_url", "text", "translations.reviews", "translations.text", "translations.translator"]);

    private static readonly (string Role, StatementView View)[] _views =
    [
        (Roles.Archivist, _whole), (Roles.Reviewer, _whole), (Roles.PanelChair, _whole), (Roles.Approver, _whole), (Roles.Auditor, _whole), (Roles.ServiceReview, _whole),
        (Roles.IntakeOfficer, _spoken), (Roles.Spokesperson, _spoken), (Roles.ServiceIntake, _spoken),
    ];

    private readonly IReadOnlyList<string> _left;

    private StatementView(IReadOnlyList<string> left) => _left = left;

    /// <summary>The widest of a caller's roles; nothing but dates and states where none is known here.</summary>
    public static StatementView For(Caller caller)
    {
        foreach (var (role, view) in _views)
        {
            if (caller.Roles.Contains(role))
            {
                return view;
            }
        }

        return _bare;
    }

    /// <summary>The statement without what is not shown.</summary>
    public Statement Of(Statement statement)
    {
        if (_left.Count == 0)
        {
            return statement;
        }

        var shown = statement.Clone();
        foreach (var field in _left)
        {
            if (Clear(shown, field))
            {
                shown.RedactedFields.Add(field);
            }
        }

        return shown;
    }

    // Whether there was anything to leave out.
    private static bool Clear(Statement statement, string field)
    {
        var before = statement.CalculateSize();
        switch (field)
        {
            case "annotations": statement.Annotations.Clear(); break;
            case "claims": statement.Claims.Clear(); break;
            case "commitment_nonce": statement.CommitmentNonce = ByteString.Empty; break;
            case "content_sha256": statement.ContentSha256 = ByteString.Empty; break;
            case "groups_named": statement.GroupsNamed.Clear(); break;
            case "source_url": statement.SourceUrl = ""; break;
            case "text": statement.Text = ""; break;
            case "translations.reviews":
                foreach (var translation in statement.Translations)
                {
                    translation.Reviews.Clear();
                }

                break;
            case "translations.text":
                foreach (var translation in statement.Translations)
                {
                    translation.Text = "";
                }

                break;
            case "translations.translator":
                foreach (var translation in statement.Translations)
                {
                    translation.Translator = "";
                }

                break;
            default: throw new InvalidOperationException($"{field} is no field that is left out.");
        }

        return statement.CalculateSize() < before;
    }
}
