extern alias partner;

using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using partner::Poc.Intake.Client;

namespace Poc.Cli;

/// <summary>Turns what went wrong into lines a person can act on, and an exit code a script can.</summary>
internal static class Failures
{
    /// <summary>Runs a command; every failure it can have becomes text on <paramref name="errors"/>.</summary>
    public static async Task<int> ExplainAsync(Func<Task<int>> command, TextWriter errors)
    {
        try
        {
            return await command();
        }
        catch (UsageException wrong)
        {
            await errors.WriteLineAsync($"poc: {wrong.Message}");
            return ExitCode.WrongUsage;
        }
        catch (RpcException refused)
        {
            return await RefusedAsync(refused, errors);
        }
        catch (IntakeException refused) when (refused.InnerException is RpcException cause)
        {
            return await RefusedAsync(cause, errors);
        }
        catch (InvalidDataException wrong)
        {
            await errors.WriteLineAsync($"poc: {wrong.Message}");
            return ExitCode.Refused;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("poc: stopped.");
            return ExitCode.Refused;
        }
        catch (IOException unreadable)
        {
            await errors.WriteLineAsync($"poc: {unreadable.Message}");
            return ExitCode.WrongUsage;
        }
    }

    private static async Task<int> RefusedAsync(RpcException refused, TextWriter errors)
    {
        await WriteAsync(refused, errors);
        return refused.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded ? ExitCode.NotReachable : ExitCode.Refused;
    }

    private static async Task WriteAsync(RpcException refused, TextWriter errors)
    {
        var status = refused.GetRpcStatus();
        var info = status?.GetDetail<ErrorInfo>();
        await errors.WriteLineAsync($"poc: {refused.StatusCode}{(info is null ? "" : $" {info.Reason}")}: {refused.Status.Detail}");
        foreach (var (name, value) in info?.Metadata ?? [])
        {
            await errors.WriteLineAsync($"  {name}: {value}");
        }

        foreach (var violation in status?.GetDetail<BadRequest>()?.FieldViolations ?? [])
        {
            await errors.WriteLineAsync($"  {violation.Field}: {violation.Description}");
        }

        if (status?.GetDetail<RetryInfo>()?.RetryDelay is Duration delay)
        {
            await errors.WriteLineAsync($"  try again in {delay.ToTimeSpan().TotalSeconds:0.#} s");
        }
    }
}
