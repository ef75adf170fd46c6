using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Annotations;

/// <summary>Adds a note of staff to an object.</summary>
public sealed class AddAnnotation(IdempotentWrites writes, StoredEvidence evidence, AnnotationRecorder notes)
{
    /// <summary>Answers when the note is on disk.</summary>
    public Task<AddAnnotationResponse> HandleAsync(AddAnnotationRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .ObjectNamed("parent", request.Parent)
            .NotBlank("text", request.Text).MaxLength("text", request.Text, StatementRules.MaxDescription)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => AddAsync(tx, request, caller), (tx, kept) => AgainAsync(tx, request.Parent, kept), cancellation);
    }

    private async Task<KeptAnswer<AddAnnotationResponse>> AddAsync(Tx tx, AddAnnotationRequest request, Caller caller)
    {
        var locked = await ObjectName.LockAsync(tx, request.Parent);
        var key = await evidence.KeyOfAsync(tx, locked.Id) ?? throw ArchiveErrors.ObjectErased(locked.Name);
        var number = await notes.RecordAsync(tx, key, new Annotation { Text = request.Text }, caller);
        var kept = new AddAnnotationResponse { Annotation = new Annotation { Number = number } };
        return new KeptAnswer<AddAnnotationResponse>(await AgainAsync(tx, locked.Name, kept), kept, locked.Id);
    }

    private async Task<AddAnnotationResponse> AgainAsync(Tx tx, string name, AddAnnotationResponse kept)
    {
        var locked = await ObjectName.LockAsync(tx, name);
        var key = await evidence.KeyOfAsync(tx, locked.Id) ?? throw ArchiveErrors.ObjectErased(name);
        var ring = new KeyRing(new Dictionary<Guid, ObjectKey> { [locked.Id] = key });
        return new AddAnnotationResponse
        {
            Annotation = (await StoredAnnotations.LookupAsync(tx, ring, [locked.Id]))[locked.Id].Single(note => note.Number == kept.Annotation.Number),
        };
    }
}
