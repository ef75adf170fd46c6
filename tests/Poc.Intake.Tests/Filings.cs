using Poc.Contracts.Intake.V1;
using Poc.Kernel;

namespace Poc.Intake.Tests;

/// <summary>Synthetic submissions.</summary>
internal static class Filings
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    public static string NewId() => Ids.Next().ToString();

    /// <summary>A de-listing request about the reference story's subject.</summary>
    public static SubmitRequestRequest Delist(string? text = null) => new()
    {
        RequestId = NewId(),
        Request = new Request
        {
            Kind = RequestKind.Delist,
            Subject = new SubjectReference { Subject = "subjects/navalny" },
            Text = text ?? "Просим исключить его из списка. (synthetic)",
            Language = "ru",
            Links = { "https://example.org/video" },
            Criteria = { "advocacy-of-violence" },
            Relation = Relation.ThirdParty,
            PartnerReference = "ref-1",
            Synthetic = true,
        },
    };

    /// <summary>A submission in which every field that a partner can fill in is filled in.</summary>
    public static SubmitRequestRequest Full(params string[] cited) => new()
    {
        RequestId = NewId(),
        Request = new Request
        {
            Kind = RequestKind.Designate,
            Subject = new SubjectReference { Description = new SubjectDescription { NativeName = "Алексей", Script = "Cyrl", Transliterations = { "Alexei", "Aleksey" } } },
            Text = "line one\r\nline two\t\u202Bשלום\u202C 𝄞 'quoted' \"twice\" {braces} \\ back",
            Language = "sr-Latn-RS",
            Links = { "https://example.org/a,b", "http://пример.рф/{путь}" },
            CitedStatements = { cited },
            Criteria = { "advocacy-of-violence", "discrimination" },
            Relation = Relation.Family,
            UrgencyReason = "hearing\ntomorrow",
            PartnerReference = "№ 7",
            Synthetic = true,
        },
    };

    /// <summary>Takes back an earlier request.</summary>
    public static SubmitRequestRequest Withdraw(string request) => new()
    {
        RequestId = NewId(),
        Request = new Request { Kind = RequestKind.Withdraw, Withdraws = request, Text = "Sent by mistake.", Language = "en", Relation = Relation.ThirdParty, Synthetic = true },
    };
}
