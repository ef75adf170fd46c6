using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>
/// Gives every call an end. It works on the header <c>grpc-timeout</c>, so that the server's own deadline (its timer, its cancellation,
/// its answer to a handler that does not listen) serves ours as well.
/// </summary>
internal static class CallDeadline
{
    private const string Header = "grpc-timeout";

    /// <param name="headers">Of the request; changed.</param>
    /// <param name="usual">Where the client set none.</param>
    /// <param name="longest">A longer one is shortened to it.</param>
    public static void Apply(IHeaderDictionary headers, TimeSpan usual, TimeSpan longest)
    {
        var wanted = Parse(headers[Header].ToString()) ?? usual;
        var granted = wanted < longest ? wanted : longest;
        headers[Header] = ((long)granted.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "m";
    }

    /// <summary>The time of a <c>grpc-timeout</c> value (gRPC over HTTP/2: up to 8 digits and a unit); null when it is none.</summary>
    internal static TimeSpan? Parse(string value)
    {
        if (value.Length is < 2 or > 9 || !long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        return value[^1] switch
        {
            'H' => TimeSpan.FromHours(amount),
            'M' => TimeSpan.FromMinutes(amount),
            'S' => TimeSpan.FromSeconds(amount),
            'm' => TimeSpan.FromMilliseconds(amount),
            'u' => TimeSpan.FromMicroseconds(amount),
            'n' => TimeSpan.FromTicks(amount / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }
}
