using System.CommandLine;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc token</c>: mints a development token.</summary>
internal static class TokenCommand
{
    private static readonly Option<string> Staff = new("--staff") { Description = "Staff id: who the token speaks for.", Required = true };
    private static readonly Option<string[]> Role = new("--role") { Description = "A role; may be given more than once.", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<double> Hours = new("--hours") { Description = "Lifetime in hours, above 0, at most 24.", DefaultValueFactory = _ => 8 };

    public static Command Create()
    {
        Role.AcceptOnlyFromAmong([.. Roles.Staff]);
        var command = new Command("token", "Mint a token for a staff member of the development stack.") { Staff, Role, Hours };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var hours = parsed.GetValue(Hours);
        if (hours is not (> 0 and <= 24))
        {
            throw new UsageException("--hours must be above 0 and at most 24.");
        }

        var token = DevelopmentTokens.Mint(
            DevelopmentKey.Read(parsed), parsed.GetRequiredValue(Staff), parsed.GetRequiredValue(Role), TimeSpan.FromHours(hours), TimeProvider.System);
        await Answer.WriteAsync(parsed, new { token }, token);
        return ExitCode.Done;
    }
}
