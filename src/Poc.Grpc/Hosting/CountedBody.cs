using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Poc.Grpc;

/// <summary>The body of a gRPC call, whose reader counts what it keeps while a message is not whole.</summary>
/// <param name="body">The server's own reader.</param>
/// <param name="held">What the call holds.</param>
/// <param name="isReadBeforeMethod">Whether the server reads the message before any of our code is reached: it takes a refusal in its own form only.</param>
internal sealed class CountedBody(PipeReader body, HeldBytes.Call held, bool isReadBeforeMethod) : PipeReader, IRequestBodyPipeFeature
{
    /// <summary>Puts it before the body of a call.</summary>
    public static void Count(HttpContext call, HeldBytes.Call held, bool isReadBeforeMethod) =>
        call.Features.Set<IRequestBodyPipeFeature>(new CountedBody(call.Request.BodyReader, held, isReadBeforeMethod));

    PipeReader IRequestBodyPipeFeature.Reader => this;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Counted(await body.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        var read = body.TryRead(out result);
        if (read)
        {
            Counted(result);
        }

        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private ReadResult Counted(ReadResult result)
    {
        try
        {
            held.Hold(result.Buffer.Length);
            return result;
        }
        catch (RpcError problem)
        {
            body.AdvanceTo(result.Buffer.End);
            throw isReadBeforeMethod ? RichStatus.ToException(problem) : problem;
        }
    }
}
