using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Requests;

/// <summary>A row of the table <c>requests</c>, and what the wire shows of it.</summary>
/// <remarks>
/// The first answer to a submission and the answer to its repetition are made from this same type, the one before it is stored and the other after it was read
/// again: that is what makes them equal to the last byte.
/// </remarks>
internal sealed record RequestRow
{
    /// <summary>The columns that <see cref="Read"/> expects, in its order.</summary>
    public const string Columns =
        """
        id, partner_id, request_id, body_sha256, received_at, kind, subject, subject_native_name, subject_script, subject_transliterations, text, text_sha256,
        language, links, cited_statements, criteria, relation, urgency_reason, withdraws, partner_reference, synthetic, state, state_sequence, state_reason,
        state_detail, dossier, decision, outcome, answered_at, attachments,
        requester_sealed, confirmed_subject, speaker_standing
        """;

    public required Guid Id { get; init; }
    public required string Partner { get; init; }
    public required Guid RequestId { get; init; }
    public required byte[] BodySha256 { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required RequestKind Kind { get; init; }
    public required string? Subject { get; init; }
    public required string? NativeName { get; init; }
    public required string? Script { get; init; }
    public required IReadOnlyList<string>? Transliterations { get; init; }
    public required string Text { get; init; }
    public required byte[] TextSha256 { get; init; }
    public required string Language { get; init; }
    public required IReadOnlyList<string> Links { get; init; }
    public required IReadOnlyList<string> CitedStatements { get; init; }
    public required IReadOnlyList<string> Criteria { get; init; }
    public required Relation Relation { get; init; }
    public required string UrgencyReason { get; init; }
    public required string? Withdraws { get; init; }
    public required string PartnerReference { get; init; }
    public required bool Synthetic { get; init; }
    public Request.Types.State State { get; init; } = Request.Types.State.Received;
    public int StateSequence { get; init; } = 1;
    public string StateReason { get; init; } = "";
    public string StateDetail { get; init; } = "";
    public string? Dossier { get; init; }
    public string? Decision { get; init; }
    public string? Outcome { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }
    public IReadOnlyList<string> Attachments { get; init; } = [];
    public bool RequesterSealed { get; init; }
    public string? ConfirmedSubject { get; init; }

    /// <summary>What answered checks say; null without one.</summary>
    public SpeakerStanding? SpeakerStanding { get; init; }

    public RequestName Name => new(Partner, Id);

    public static RequestRow Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Partner = row.GetString(1),
        RequestId = row.GetGuid(2),
        BodySha256 = row.GetFieldValue<byte[]>(3),
        ReceivedAt = row.GetFieldValue<DateTimeOffset>(4),
        Kind = EnumText<RequestKind>.Parse(row.GetString(5)),
        Subject = TextOrNull(row, 6),
        NativeName = TextOrNull(row, 7),
        Script = TextOrNull(row, 8),
        Transliterations = row.IsDBNull(9) ? null : row.GetFieldValue<string[]>(9),
        Text = row.GetString(10),
        TextSha256 = row.GetFieldValue<byte[]>(11),
        Language = row.GetString(12),
        Links = row.GetFieldValue<string[]>(13),
        CitedStatements = row.GetFieldValue<string[]>(14),
        Criteria = row.GetFieldValue<string[]>(15),
        Relation = EnumText<Relation>.Parse(row.GetString(16)),
        UrgencyReason = row.GetString(17),
        Withdraws = TextOrNull(row, 18),
        PartnerReference = row.GetString(19),
        Synthetic = row.GetBoolean(20),
        State = EnumText<Request.Types.State>.Parse(row.GetString(21)),
        StateSequence = row.GetInt32(22),
        StateReason = row.GetString(23),
        StateDetail = row.GetString(24),
        Dossier = TextOrNull(row, 25),
        Decision = TextOrNull(row, 26),
        Outcome = TextOrNull(row, 27),
        AnsweredAt = row.IsDBNull(28) ? null : row.GetFieldValue<DateTimeOffset>(28),
        Attachments = row.GetFieldValue<string[]>(29),
        RequesterSealed = row.GetBoolean(30),
        ConfirmedSubject = TextOrNull(row, 31),
        SpeakerStanding = row.IsDBNull(32) ? null : EnumText<SpeakerStanding>.Parse(row.GetString(32)),
    };

    /// <summary>The request as it is now.</summary>
    public Request ToRequest() => new()
    {
        Name = Name.ToString(),
        Kind = Kind,
        Subject = ToSubject(),
        Text = Text,
        Language = Language,
        Links = { Links },
        CitedStatements = { CitedStatements },
        Criteria = { Criteria },
        Relation = Relation,
        UrgencyReason = UrgencyReason,
        Withdraws = Withdraws ?? "",
        PartnerReference = PartnerReference,
        Synthetic = Synthetic,
        State = State,
        StateReason = StateReason,
        StateDetail = StateDetail,
        Dossier = Dossier ?? "",
        Answer = Decision is null ? null : new Answer { Decision = Decision, Outcome = Outcome, AnsweredAt = AnsweredAt!.Value.ToTimestamp() },
        ReceivedAt = ReceivedAt.ToTimestamp(),
        Attachments = { Attachments },
        RequesterSealed = RequesterSealed,
        ConfirmedSubject = ConfirmedSubject ?? "",
        SpeakerStanding = SpeakerStanding ?? (Relation == Relation.ThirdParty ? Contracts.Intake.V1.SpeakerStanding.Unspecified : Contracts.Intake.V1.SpeakerStanding.Unverified),
    };

    /// <summary>The receipt, which never changes.</summary>
    public Receipt ToReceipt() => new()
    {
        Name = $"{Name}/receipt",
        RequestId = RequestId.ToString("D", CultureInfo.InvariantCulture),
        ReceivedAt = ReceivedAt.ToTimestamp(),
        TextSha256 = Convert.ToHexStringLower(TextSha256),
    };

    /// <summary>The answer to its submission: as filed, whatever became of it since.</summary>
    public SubmitRequestResponse ToAnswer()
    {
        var filed = this with
        {
            State = Request.Types.State.Received,
            StateReason = "",
            StateDetail = "",
            Dossier = null,
            Decision = null,
            Outcome = null,
            AnsweredAt = null,
            ConfirmedSubject = null,
            SpeakerStanding = null,
        };
        return new SubmitRequestResponse { Request = filed.ToRequest(), Receipt = ToReceipt() };
    }

    private SubjectReference? ToSubject() => (Subject, NativeName) switch
    {
        ({ } subject, _) => new SubjectReference { Subject = subject },
        (null, { } native) => new SubjectReference
        {
            Description = new SubjectDescription { NativeName = native, Script = Script ?? "", Transliterations = { Transliterations ?? [] } },
        },
        _ => null,
    };

    private static string? TextOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
