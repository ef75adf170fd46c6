using Microsoft.AspNetCore.Http;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Partners;

/// <summary>
/// Lets a partner's call pass where its class is allowed to the partner and within the quota, before the message is read. Submissions are counted where they are filed, one by one.
/// </summary>
internal sealed class CallLimits(LimitsCache limits, Quota quota) : ICallRule
{
    /// <inheritdoc />
    public async ValueTask CheckAsync(Caller caller, HttpContext call)
    {
        if (!caller.Is(Roles.Partner))
        {
            return;
        }

        var methodClass = call.GetEndpoint()?.Metadata.GetMetadata<CountsAsAttribute>()?.MethodClass ?? throw CommonErrors.MethodClosed();
        var allowed = await limits.OfAsync(caller.Id, call.RequestAborted);
        if (allowed.Denied.Contains(methodClass))
        {
            throw IntakeErrors.MethodClassDenied(caller.Id, EnumText<MethodClass>.Of(methodClass));
        }

        if (allowed.KeysSubmitOnly && methodClass is not (MethodClass.Submit or MethodClass.Import or MethodClass.Attachment) && call.Features.Get<ProvedByCertificate>() is null)
        {
            throw IntakeErrors.CertificateRequired(caller.Id, EnumText<MethodClass>.Of(methodClass));
        }

        if (methodClass != MethodClass.Submit)
        {
            await quota.TakeAsync(caller.Id, methodClass, call.RequestAborted);
        }
    }
}

/// <summary>Among a call's features: its caller proved itself by a certificate.</summary>
internal sealed class ProvedByCertificate
{
    /// <summary>All there is to say.</summary>
    public static ProvedByCertificate Instance { get; } = new();
}
