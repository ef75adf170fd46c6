using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>A checked submission on its way to the disk: the row it becomes and the event that tells of it.</summary>
internal sealed record Filing(RequestRow Row, OutboxRow Event)
{
    /// <summary>Who stands behind it, to be sealed; null where the partner does not say.</summary>
    public Requester? Requester { get; private init; }

    /// <summary>Whether what is on disk for its request id is this filing or a repetition of it, as far as the row tells: <see cref="FilingDesk"/> compares requesters.</summary>
    public bool IsSameAs(RequestRow stored) => stored.BodySha256.AsSpan().SequenceEqual(Row.BodySha256) && stored.RequesterSealed == Row.RequesterSealed;

    /// <param name="partner">Id of the partner, without the collection.</param>
    /// <param name="message">As it came; what is output-only in it does not count (AIP-203) and is cleared.</param>
    /// <param name="id">Id of the request.</param>
    /// <param name="eventId">Id of the event.</param>
    /// <param name="now">Time of receipt.</param>
    public static Filing Of(string partner, SubmitRequestRequest message, Guid id, Guid eventId, DateTimeOffset now)
    {
        var body = message.Request;
        ClearOutputOnly(body);
        var description = body.Subject?.Description;
        var row = new RequestRow
        {
            Id = id,
            Partner = partner,
            RequestId = Guid.ParseExact(message.RequestId, "D"),
            BodySha256 = SHA256.HashData(body.ToByteArray()),
            // What PostgreSQL keeps: the answer before storing and the one after reading must be the same.
            ReceivedAt = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
            Kind = body.Kind,
            Subject = body.Subject is { ReferenceCase: SubjectReference.ReferenceOneofCase.Subject } ? body.Subject.Subject : null,
            NativeName = description?.NativeName,
            Script = description?.Script,
            Transliterations = description is null ? null : [.. description.Transliterations],
            Text = body.Text,
            TextSha256 = SHA256.HashData(Encoding.UTF8.GetBytes(body.Text)),
            Language = body.Language,
            Links = body.Links,
            CitedStatements = body.CitedStatements,
            Criteria = body.Criteria,
            Relation = body.Relation,
            UrgencyReason = body.UrgencyReason,
            Withdraws = body.Kind == RequestKind.Withdraw ? body.Withdraws : null,
            PartnerReference = body.PartnerReference,
            Synthetic = body.Synthetic,
            Attachments = body.Attachments,
            RequesterSealed = message.Requester is not null,
        };
        return new Filing(row, Outbox.Row(new RequestReceived(
            eventId, row.Name.ToString(), 1, row.ReceivedAt, row.Name.Parent, EnumText<RequestKind>.Of(row.Kind), row.Subject, [.. row.CitedStatements], [.. row.Criteria],
            EnumText<Relation>.Of(row.Relation), row.UrgencyReason.Length > 0, row.Language, Convert.ToHexStringLower(row.TextSha256))))
        {
            Requester = message.Requester,
        };
    }

    private static void ClearOutputOnly(Request body)
    {
        body.Name = "";
        body.State = Request.Types.State.Unspecified;
        body.StateReason = "";
        body.StateDetail = "";
        body.Dossier = "";
        body.Answer = null;
        body.ReceivedAt = null;
        body.RequesterSealed = false;
        body.ConfirmedSubject = "";
        body.SpeakerStanding = SpeakerStanding.Unspecified;
    }
}
