using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>
/// Opens a seal for a custodian, after putting on record who wanted it and why. Not one of the writes whose answers are stored for their repetition: the answer is what
/// must never be stored in clear.
/// </summary>
internal sealed class ReleaseRequesterIdentity(RequesterStore requesters, Database database, IdSource ids, TimeProvider clock, ILogger<ReleaseRequesterIdentity> logger)
{
    private const int MinMotivation = 20;
    private const int MaxMotivation = 2_000;

    private const string Exists = "SELECT id FROM requests WHERE id = $1 AND partner_id = $2";

    private const string Insert =
        """
        INSERT INTO requester_releases (id, request, released_to, request_id, body_sha256, motivation, released_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT ON CONSTRAINT uq_requester_releases_request_id DO NOTHING
        """;

    private const string Select = "SELECT id, released_at, body_sha256 FROM requester_releases WHERE released_to = $1 AND request_id = $2";

    public async Task<ReleaseRequesterIdentityResponse> HandleAsync(ReleaseRequesterIdentityRequest message, ServerCallContext context)
    {
        var wellFormed = RequestName.TryParse(message.Request, out var name);
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(wellFormed, "request", $"must be a name like {RequestName.Pattern}, as it was given")
            .Require(message.Motivation.Trim().EnumerateRunes().Count() >= MinMotivation, "motivation", $"must say why, in at least {MinMotivation} characters")
            .MaxLength("motivation", message.Motivation, MaxMotivation)
            .Require(RequestRules.IsStorable(message.Motivation), "motivation", "must not have the character U+0000 nor half of a surrogate pair")
            .ThrowIfAny();

        var caller = context.Caller();
        var (requester, release) = await database.InTransactionAsync(tx => ReleaseAsync(tx, message, name, caller), context.CancellationToken);
        logger.LogInformation("The requester of {Request} was released to {Caller}; see {Release}", name, caller.Id, release.Name);
        return new ReleaseRequesterIdentityResponse { Requester = requester, Release = release };
    }

    private async Task<(Requester Requester, RequesterRelease Release)> ReleaseAsync(Tx tx, ReleaseRequesterIdentityRequest message, RequestName name, Caller caller)
    {
        if (await tx.QuerySingleOrDefaultAsync(Exists, static row => row.GetGuid(0), name.Id, name.Partner) == Guid.Empty)
        {
            throw IntakeErrors.RequestNotFound(message.Request);
        }

        var requester = await requesters.OpenAsync(tx, name.Id) ?? throw IntakeErrors.RequesterNotSealed(message.Request);
        var (requestId, body) = (Guid.ParseExact(message.RequestId, "D"), SHA256.HashData(message.ToByteArray()));
        await tx.ExecuteAsync(Insert, ids.Next(), name.Id, caller.Id, requestId, body, message.Motivation, clock.GetUtcNow());
        var (id, at, stored) = await tx.QuerySingleOrDefaultAsync(
            Select, static row => (row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<byte[]>(2)), caller.Id, requestId);
        if (!stored.AsSpan().SequenceEqual(body))
        {
            throw CommonErrors.RequestIdReused(message.RequestId);
        }

        return (requester, new RequesterRelease
        {
            Name = $"requesterReleases/{id:D}",
            Request = message.Request,
            ReleasedTo = caller.Id,
            Motivation = message.Motivation,
            ReleasedAt = at.ToTimestamp(),
        });
    }
}
