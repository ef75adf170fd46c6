using System.CommandLine;
using System.Globalization;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Wire = Poc.Contracts.Intake.V1.PartnerLimits;

namespace Poc.Cli.Commands;

/// <summary><c>poc partner limits</c> and <c>set-limits</c>: what a partner may call, and how much of it.</summary>
internal static class PartnerLimits
{
    private static readonly Argument<string> Partner = new("partner") { Description = "Partner id." };
    private static readonly Option<MethodClass[]> Deny = new("--deny") { Description = "Classes of methods to close: submit, import, attachment, read, watch, export, campaign.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Rate = new("--rate") { Description = "Quotas as class=calls-a-second/burst, for example submit=100/500.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<bool> KeysSubmitOnly = new("--keys-submit-only") { Description = "API keys file and nothing else; reading takes a certificate." };

    public static IEnumerable<Command> Create()
    {
        var show = new Command("limits", "What a partner may call, and how much of it.") { Partner };
        show.SetAction(ShowAsync);
        var set = new Command("set-limits", "Say what a partner may call, everywhere within 5 seconds. What is not said goes back to the service's own.") { Partner, Deny, Rate, KeysSubmitOnly };
        set.SetAction(SetAsync);
        return [show, set];
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).GetPartnerLimitsAsync(
            new() { Name = $"partners/{parsed.GetRequiredValue(Partner)}/limits" }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Limits, Lines(response.Limits));
        return ExitCode.Done;
    }

    private static async Task<int> SetAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var classes = new SortedDictionary<MethodClass, ClassLimit>();
        ClassLimit Of(MethodClass value) => classes.TryGetValue(value, out var limit) ? limit : classes[value] = new() { MethodClass = value };
        foreach (var denied in parsed.GetValue(Deny) ?? [])
        {
            Of(denied).Denied = true;
        }

        foreach (var rate in parsed.GetValue(Rate) ?? [])
        {
            if (rate.Split('=', '/') is not [var name, var perSecond, var burst]
                || !Enum.TryParse<MethodClass>(name, ignoreCase: true, out var value)
                || !double.TryParse(perSecond, NumberStyles.Float, CultureInfo.InvariantCulture, out var calls)
                || !int.TryParse(burst, NumberStyles.None, CultureInfo.InvariantCulture, out var most))
            {
                throw new UsageException($"'{rate}' is no quota: give class=calls-a-second/burst, for example submit=100/500.");
            }

            (Of(value).PerSecond, Of(value).Burst) = (calls, most);
        }

        using var connection = Connection.AsStaff(parsed, GlobalOptions.Intake, Roles.Administrator);
        var response = await new PartnerAdminService.PartnerAdminServiceClient(connection.Invoker).SetPartnerLimitsAsync(
            new()
            {
                RequestId = PartnerCommand.FreshId(),
                Name = $"partners/{parsed.GetRequiredValue(Partner)}/limits",
                Limits = new() { ClassLimits = { classes.Values }, KeysSubmitOnly = parsed.GetValue(KeysSubmitOnly) },
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Limits, Lines(response.Limits));
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(Wire limits) =>
    [
        .. limits.ClassLimits.Select(static limit => string.Create(
            CultureInfo.InvariantCulture, $"{limit.MethodClass,-10}  {(limit.Denied ? "closed" : limit.Burst == 0 ? "no quota" : $"{limit.PerSecond:0.##} a second, {limit.Burst} at once")}")),
        limits.KeysSubmitOnly ? "API keys file and nothing else." : "API keys file and read.",
        limits.SetAt is null ? "Never set." : $"Set by {limits.SetBy} {limits.SetAt.ToDateTimeOffset():u}.",
    ];
}
