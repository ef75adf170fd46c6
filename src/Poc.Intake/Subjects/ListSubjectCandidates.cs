using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel.Text;
using Poc.Postgres;

namespace Poc.Intake.Subjects;

/// <summary>Proposes subjects on record for a described person. Computed when it is asked for: submitting does not wait for it, and later subjects are found too.</summary>
internal sealed class ListSubjectCandidates(Database database)
{
    private const int Most = 10;

    private const string SelectRequest = $"SELECT {RequestRow.Columns} FROM requests WHERE id = $1 AND partner_id = $2";

    // % finds by index what has more than 0.3 of its triples in common (pg_trgm's default).
    private const string SelectCandidates =
        """
        SELECT DISTINCT ON (subject) subject, k.native_name, k.transliterations, n.name, similarity(n.folded, wanted) AS alike
        FROM unnest($1::text[]) AS wanted JOIN known_subject_names AS n ON n.folded % wanted JOIN known_subjects AS k USING (subject)
        ORDER BY subject, alike DESC, n.name
        """;

    public async Task<ListSubjectCandidatesResponse> HandleAsync(ListSubjectCandidatesRequest message, ServerCallContext context)
    {
        var wellFormed = RequestName.TryParse(message.Request, out var name);
        new Violations().Require(wellFormed, "request", $"must be a name like {RequestName.Pattern}, as it was given").ThrowIfAny();
        var found = await database.ReadAsync(async tx =>
        {
            var request = await tx.QuerySingleOrDefaultAsync(SelectRequest, RequestRow.Read, name.Id, name.Partner) ?? throw IntakeErrors.RequestNotFound(message.Request);
            if (request.NativeName is not { } native)
            {
                throw IntakeErrors.SubjectNamed(message.Request);
            }

            var wanted = (request.Transliterations ?? []).Prepend(native).Select(NameFold.Of).Where(static folded => folded.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
            return await tx.QueryAsync(
                SelectCandidates,
                static row => new SubjectCandidate
                {
                    Subject = row.GetString(0),
                    NativeName = row.GetString(1),
                    Transliterations = { row.GetFieldValue<string[]>(2) },
                    MatchedName = row.GetString(3),
                    Similarity = row.GetFloat(4),
                },
                (object)wanted);
        }, context.CancellationToken);
        var candidates = found.OrderByDescending(static candidate => candidate.Similarity).ThenBy(static candidate => candidate.Subject, StringComparer.Ordinal).Take(Most).ToArray();
        return new ListSubjectCandidatesResponse { Candidates = { candidates }, Ambiguous = candidates is not [{ Similarity: 1f }] };
    }
}
