using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Poc.Grpc;

/// <summary>
/// Stands before each method: finds out who calls, refuses whom the method's <see cref="AllowAttribute"/> does not name, and sets the deadline. All of that
/// before a byte of the message is read or decompressed, which is why it is not an interceptor: for those the message is already in memory.
/// </summary>
internal sealed class MethodGate(GrpcLimits limits, Failures failures, HeldBytes held, JsonCalls json)
{
    /// <summary>Puts the gate before the endpoint of a gRPC method; other endpoints stay as they are.</summary>
    public void Guard(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<GrpcMethodMetadata>().LastOrDefault() is not { } method || endpoint.RequestDelegate is not { } answer)
        {
            return;
        }

        var allowed = endpoint.Metadata.OfType<AllowAttribute>().LastOrDefault()?.Roles ?? [];
        var (usual, longest) = method.Method.Type is MethodType.Unary or MethodType.ClientStreaming ? (limits.DefaultDeadline, limits.MaxDeadline) : (limits.MaxStreamDeadline, limits.MaxStreamDeadline);
        if (endpoint.Metadata.OfType<GrpcJsonTranscodingMetadata>().Any())
        {
            var message = ((IMessage)Activator.CreateInstance(method.Method.GetType().GenericTypeArguments[0])!).Descriptor;
            endpoint.RequestDelegate = call => json.RunAsync(call, method.Method.FullName, message, usual, caller => AdmitAsync(caller, allowed), answer);
            return;
        }

        endpoint.RequestDelegate = async call =>
        {
            if (!IsGrpc(call.Request))
            {
                // Not a gRPC call: the server's own answer (415) says so. CallBoundary lets nothing through that has no caller.
                await answer(call);
                return;
            }

            Caller caller;
            try
            {
                call.Admit(caller = await AdmitAsync(call, allowed));
            }
            catch (Exception problem)
            {
                Refuse(call.Response, failures.Describe(problem, method.Method.FullName, call));
                return;
            }

            CallDeadline.Apply(call.Request.Headers, usual, longest);
            using var holding = held.Begin(caller);
            CountedBody.Count(call, holding, isReadBeforeMethod: method.Method.Type is MethodType.Unary or MethodType.ServerStreaming);
            await answer(call);
        };
    }

    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    public static async ValueTask<Caller> AdmitAsync(HttpContext call, IReadOnlyList<string> allowed)
    {
        if (allowed.Count == 0)
        {
            throw CommonErrors.MethodClosed();
        }

        var caller = await call.RequestServices.GetRequiredService<Authenticator>().IdentifyAsync(call);
        if (!allowed.Contains(Roles.Anonymous, StringComparer.Ordinal) && !allowed.Any(caller.Is))
        {
            throw caller == Caller.Anonymous ? CommonErrors.CredentialMissing() : CommonErrors.RoleMissing([.. allowed]);
        }

        if (call.RequestServices.GetService<ICallRule>() is { } rule)
        {
            await rule.CheckAsync(caller, call);
        }

        return caller;
    }

    // "Trailers-Only" of gRPC over HTTP/2: the status in the headers, no body.
    private static void Refuse(HttpResponse response, RpcError error)
    {
        response.ContentType = "application/grpc";
        RichStatus.Write(response.Headers, error);
    }
}
