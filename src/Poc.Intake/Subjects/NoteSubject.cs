using Poc.Contracts.Events.Review.V1;
using Poc.Postgres;

namespace Poc.Intake.Subjects;

/// <summary>Remembers a person whom Review has on record, for proposals.</summary>
internal sealed class NoteSubject
{
    private const string Insert =
        """
        INSERT INTO known_subjects (subject, native_name, transliterations) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT pk_known_subjects DO NOTHING
        """;

    private const string InsertNames =
        """
        INSERT INTO known_subject_names (subject, name, folded)
        SELECT $1, * FROM unnest($2::text[], $3::text[])
        ON CONFLICT ON CONSTRAINT pk_known_subject_names DO NOTHING
        """;

    public async Task HandleAsync(Tx tx, SubjectRecorded subject)
    {
        await tx.ExecuteAsync(Insert, subject.Aggregate, subject.NativeName, subject.Transliterations.ToArray());
        var names = subject.Transliterations.Prepend(subject.NativeName).Distinct(StringComparer.Ordinal).ToArray();
        await tx.ExecuteAsync(InsertNames, subject.Aggregate, names, names.Select(NameFold.Of).ToArray());
    }
}
