using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Poc.Grpc;

/// <summary>The same gate as before gRPC methods, for plain HTTP.</summary>
public static class PageGate
{
    /// <summary>
    /// Lets only those call who have one of the roles (<see cref="Roles.Anonymous"/>: anyone whose credential, if there is one, is accepted), and turns what the
    /// handler throws into the same errors as of a method with JSON.
    /// </summary>
    public static RouteHandlerBuilder Allow(this RouteHandlerBuilder page, params string[] roles) => page.AddEndpointFilter(async (context, next) =>
    {
        var call = context.HttpContext;
        try
        {
            call.Admit(await MethodGate.AdmitAsync(call, roles));
            return await next(context);
        }
        catch (Exception problem) when (!call.RequestAborted.IsCancellationRequested && !call.Response.HasStarted)
        {
            await JsonStatus.WriteAsync(call.Response, call.RequestServices.GetRequiredService<Failures>().Describe(problem, call.GetEndpoint()?.DisplayName ?? "a page", call));
            return Results.Empty;
        }
    });
}
