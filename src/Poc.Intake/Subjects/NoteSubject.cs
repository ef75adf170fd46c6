using Poc.Contracts.Events.Review.V1;
using Poc.Kernel.Text;
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

    // The correction may overtake the news of the person.
    private const string Correct =
        """
        INSERT INTO known_subjects (subject, native_name, transliterations) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT pk_known_subjects DO UPDATE SET native_name = EXCLUDED.native_name, transliterations = EXCLUDED.transliterations
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
        await AddNamesAsync(tx, subject.Aggregate, subject.NativeName, subject.Transliterations);
    }

    /// <summary>Shows the person by the names they have now. The old ones go on being found: who describes a person may know no other.</summary>
    public async Task HandleAsync(Tx tx, SubjectCorrected subject)
    {
        await tx.ExecuteAsync(Correct, subject.Aggregate, subject.NativeName, subject.Transliterations.ToArray());
        await AddNamesAsync(tx, subject.Aggregate, subject.NativeName, subject.Transliterations);
    }

    private static async Task AddNamesAsync(Tx tx, string subject, string nativeName, IReadOnlyList<string> transliterations)
    {
        var names = transliterations.Prepend(nativeName).Distinct(StringComparer.Ordinal).ToArray();
        await tx.ExecuteAsync(InsertNames, subject, names, names.Select(NameFold.Of).ToArray());
    }
}
