using Poc.Intake.Requests;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Attachment.Types;

namespace Poc.Intake.Attachments;

/// <summary>Makes files part of a request, in the transaction that files it.</summary>
internal sealed class AttachmentBinding(TimeProvider clock)
{
    // In the order of their ids: two requests that name the same files must not wait for each other.
    private const string Lock = "SELECT id, state, size_bytes FROM attachments WHERE id = ANY($1) AND partner_id = $2 ORDER BY id FOR UPDATE";

    private const string Bind = "UPDATE attachments SET state = 'BOUND', request = $2, next_handover_at = $3 WHERE id = ANY($1)";

    private const string SetOnRequest = "UPDATE requests SET attachments = $2 WHERE id = $1";

    /// <exception cref="Grpc.RpcError">NOT_FOUND (ATTACHMENT_NOT_FOUND); FAILED_PRECONDITION (ATTACHMENT_NOT_READY, ATTACHMENTS_TOO_LARGE).</exception>
    public async Task BindAsync(Tx tx, RequestRow request)
    {
        var wanted = request.Attachments.Select(static text => AttachmentName.TryParse(text, out var name) ? name : throw IntakeErrors.AttachmentNotFound(text)).ToArray();
        var ids = wanted.Select(static name => name.Id).ToArray();
        var files = (await tx.QueryAsync(Lock, static row => (Id: row.GetGuid(0), State: row.GetString(1), Size: row.GetInt64(2)), ids, request.Partner)).ToDictionary(static file => file.Id);
        foreach (var name in wanted)
        {
            if (name.Partner != request.Partner || !files.TryGetValue(name.Id, out var file))
            {
                throw IntakeErrors.AttachmentNotFound(name.ToString());
            }

            if (file.State != EnumText<State>.Of(State.Complete))
            {
                throw IntakeErrors.AttachmentNotReady(name.ToString(), file.State);
            }
        }

        if (files.Values.Sum(static file => file.Size) > AttachmentRules.MaxBytesPerRequest)
        {
            throw IntakeErrors.AttachmentsTooLarge(AttachmentRules.MaxBytesPerRequest);
        }

        await tx.ExecuteAsync(Bind, ids, request.Id, clock.GetUtcNow());
        await tx.ExecuteAsync(SetOnRequest, request.Id, request.Attachments.ToArray());
    }
}
