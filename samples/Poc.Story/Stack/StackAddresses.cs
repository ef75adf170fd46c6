namespace Poc.Story.Stack;

/// <summary>Where the services are: as the launcher says it in the environment, otherwise on the ports of their own settings on this machine.</summary>
internal sealed record StackAddresses(Uri Intake, Uri Archive, Uri Review, Uri Notification, Uri Mail)
{
    /// <exception cref="FormatException">A variable is not an address; the message names it.</exception>
    public static StackAddresses FromEnvironment() => new(
        Read("services__intake__grpc__0", "http://localhost:5101"),
        Read("services__archive__grpc__0", "http://localhost:5111"),
        Read("services__review__grpc__0", "http://localhost:5121"),
        Read("services__notification__grpc__0", "http://localhost:5131"),
        Read("services__mail__http__0", "http://localhost:5142"));

    private static Uri Read(string variable, string otherwise) =>
        Uri.TryCreate(Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : otherwise, UriKind.Absolute, out var address)
            ? address
            : throw new FormatException($"{variable} is not an address.");
}
