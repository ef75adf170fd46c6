using System.Globalization;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Annotations;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Statements;

/// <summary>Puts on record how a statement belongs to another one or to a capture.</summary>
public sealed class LinkStatement(IdempotentWrites writes, StoredStatements statements, AnnotationRecorder notes)
{
    /// <summary>Answers when it is on disk.</summary>
    public Task<LinkStatementResponse> HandleAsync(LinkStatementRequest request, Caller caller, CancellationToken cancellation)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, StatementName.Pattern)
            .Require(request.Link is not null, "link", "is required");
        if (request.Link is { } link)
        {
            violations
                .Specified("link.kind", link.Kind)
                .Name("link.target", link.Target, link.Kind == StatementLinkKind.ShownBy ? "captures/{capture}" : StatementName.Pattern)
                .Require(link.Target != request.Parent, "link.target", "must be another than the statement itself")
                .NotBlank("link.reason", link.Reason).MaxLength("link.reason", link.Reason, StatementRules.MaxDescription);
        }

        violations.ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => LinkAsync(tx, request, caller), (tx, kept) => AgainAsync(tx, request.Parent, kept), cancellation);
    }

    private async Task<KeptAnswer<LinkStatementResponse>> LinkAsync(Tx tx, LinkStatementRequest request, Caller caller)
    {
        var key = await statements.LockAsync(tx, request.Parent);
        var link = new StatementLink { Kind = request.Link.Kind, Target = request.Link.Target, Reason = request.Link.Reason };
        if (link.Kind == StatementLinkKind.ShownBy)
        {
            _ = await ObjectName.LockAsync(tx, link.Target);
        }
        else
        {
            var target = await statements.GetAsync(tx, link.Target);
            link.MissingMs = target.Erasure is not null ? throw ArchiveErrors.ObjectErased(link.Target)
                : link.Kind == StatementLinkKind.ClipOf ? await MissingAsync(tx, key, target)
                : 0;
        }

        var number = await notes.RecordAsync(tx, key, new Annotation { Link = link }, caller);
        var stored = await FindAsync(tx, key, note => note.Number == number);
        // When it was added is all that finding it again needs.
        return new KeptAnswer<LinkStatementResponse>(
            new LinkStatementResponse { Link = stored }, new LinkStatementResponse { Link = new StatementLink { At = stored.At } }, key.ObjectId);
    }

    // A clip that is not shorter than its original is none; whoever says so has mistaken one of the two.
    private async Task<long> MissingAsync(Tx tx, ObjectKey key, Statement original)
    {
        var clip = (await statements.ReadAsync(tx, [key.ObjectId])).GetValueOrDefault(key.ObjectId) ?? throw ArchiveErrors.StatementUnreadable(original.Name);
        new Violations()
            .Require(
                clip.MediaDurationMs > 0 && clip.MediaDurationMs < original.MediaDurationMs, "link.target",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"must be a longer recording than the clip: it has {original.MediaDurationMs} ms, the clip {clip.MediaDurationMs} ms (0: not known)"))
            .ThrowIfAny();
        return original.MediaDurationMs - clip.MediaDurationMs;
    }

    private async Task<LinkStatementResponse> AgainAsync(Tx tx, string name, LinkStatementResponse kept)
        => new() { Link = await FindAsync(tx, await statements.LockAsync(tx, name), note => note.Link is not null && note.AddedAt.Equals(kept.Link.At)) };

    private static async Task<StatementLink> FindAsync(Tx tx, ObjectKey key, Func<Annotation, bool> isIt)
    {
        var ring = new KeyRing(new Dictionary<Guid, ObjectKey> { [key.ObjectId] = key });
        return StatementLinks.Of((await StoredAnnotations.LookupAsync(tx, ring, [key.ObjectId]))[key.ObjectId].Single(isIt));
    }
}
