using System.Globalization;
using Poc.Grpc;

namespace Poc.Intake.Campaigns;

/// <summary><c>campaigns/{campaign}</c>, the campaign being its number.</summary>
internal static class CampaignName
{
    /// <summary>The name of a number.</summary>
    public static string Of(int campaign) => string.Create(CultureInfo.InvariantCulture, $"campaigns/{campaign}");

    /// <summary>The number in a name.</summary>
    /// <param name="wrong">Gets the violation where it is no name.</param>
    /// <param name="name">The value of the field <c>name</c>.</param>
    public static int Read(Violations wrong, string name)
    {
        var id = name.StartsWith("campaigns/", StringComparison.Ordinal) ? name["campaigns/".Length..] : "";
        var read = int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var campaign) && Of(campaign) == name;
        wrong.Require(read, "name", "must be a name like campaigns/{campaign}, as it was given");
        return campaign;
    }
}
