using Grpc.Core;
using Poc.Grpc;

namespace Poc.Review.Tests;

/// <summary>Members of staff and what they may do.</summary>
internal static class Staff
{
    public static readonly KeyPair Key = new();

    public static Metadata Officer { get; } = As("officer", Roles.IntakeOfficer);

    public static Metadata Archivist { get; } = As("archivist", Roles.Archivist);

    public static Metadata Chair { get; } = As("chair-a", Roles.PanelChair);

    public static Metadata Approver { get; } = As("approver-a", Roles.Approver);

    public static Metadata OtherChair { get; } = As("chair-b", Roles.PanelChair);

    public static Metadata OtherApprover { get; } = As("approver-b", Roles.Approver);

    public static Metadata Auditor { get; } = As("auditor", Roles.Auditor);

    public static Metadata Reviewer(string name) => As(name, Roles.Reviewer);

    public static Metadata As(string name, params string[] roles) =>
        new() { { "authorization", $"Bearer {DevelopmentTokens.Mint(Key.Private, name, roles, TimeSpan.FromHours(1), TimeProvider.System)}" } };
}
