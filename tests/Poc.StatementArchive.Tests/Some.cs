using Google.Rpc;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Testing;

namespace Poc.StatementArchive.Tests;

/// <summary>Things to send.</summary>
internal static class Some
{
    private static int _subjects;

    /// <summary>A subject that no other test writes about.</summary>
    public static string Subject(string stem = "subject") => $"subjects/{stem}-{Interlocked.Increment(ref _subjects)}";

    public static string RequestId() => Guid.CreateVersion7().ToString();

    public static UncertainDate Month(string firstDay) => new() { Earliest = firstDay, Precision = DatePrecision.Month, Confidence = Confidence.Low };

    public static UncertainDate Day(string day) => new() { Earliest = day, Precision = DatePrecision.Day, Confidence = Confidence.High };

    public static UncertainDate Year(int year) => new() { Earliest = $"{year}-01-01", Precision = DatePrecision.Year, Confidence = Confidence.Medium };

    public static Statement Statement(string text = "A neutral description of a video.", string language = "en") => new()
    {
        Speaker = "speaker-handle",
        Publisher = "publisher-handle",
        ContentKind = ContentKind.Description,
        Text = text,
        Language = language,
        Uttered = Month("2007-09-01"),
        Published = Day("2007-09-12"),
        Reposted = { Day("2021-01-19") },
        GroupsNamed = { "group-named" },
        SourceUrl = "https://video.example/1",
        Claims = { new SourceClaim { Source = "source-a", Topic = "target group", Claim = "One thing." },
            new SourceClaim { Source = "source-b", Topic = "target group", Claim = "Another." } },
        Synthetic = true,
    };

    public static RecordStatementRequest Request(string subject, string id = "s1", Statement? statement = null)
        => new() { RequestId = RequestId(), Parent = subject, StatementId = id, Statement = statement ?? Statement() };

    public static async Task<Statement> RecordAsync(
        this StatementArchiveService.StatementArchiveServiceClient client, string subject, string id = "s1", Statement? statement = null)
        => (await client.RecordStatementAsync(Request(subject, id, statement), ArchiveService.Archivist)).Statement;

    /// <summary>As our own clients do it: the same request again while the answer is UNAVAILABLE.</summary>
    public static async Task<Statement> RecordPatientlyAsync(this StatementArchiveService.StatementArchiveServiceClient client, RecordStatementRequest request)
    {
        Statement? stored = null;
        await Eventually.BecomesTrueAsync(async () =>
        {
            stored = (await client.RecordStatementAsync(request, ArchiveService.Archivist)).Statement;
            return true;
        }, TimeSpan.FromSeconds(90));
        return stored!;
    }

    public static RetractionEntry Evidence(RetractionFinding finding, UncertainDate dated) => new()
    {
        Finding = finding,
        Dated = dated,
        Description = "A neutral description of evidence.",
        SourceUrl = "https://interview.example",
        Audience = "a newspaper",
        Language = "en",
        Searched = finding == RetractionFinding.NoneFound ? "Two archives, by three words." : "",
        Synthetic = true,
    };

    public static RecordRetractionEntryRequest Entry(string statement, RetractionFinding finding, UncertainDate dated)
        => new() { RequestId = RequestId(), Parent = statement, RetractionEntry = Evidence(finding, dated) };

    public static Citation Citation(string statement, int start, int end, string exact)
        => new() { Statement = statement, Span = new Span { Text = new TextSpan { Start = start, End = end, Exact = exact } } };

    /// <summary>The refusal that a call ends with.</summary>
    public static async Task<(StatusCode Code, string Reason, IReadOnlyList<string> Fields)> RefusalAsync<T>(AsyncUnaryCall<T> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await call);
        var status = refused.GetRpcStatus();
        return (refused.StatusCode,
            status?.GetDetail<ErrorInfo>()?.Reason ?? "", [.. status?.GetDetail<BadRequest>()?.FieldViolations.Select(violation => violation.Field) ?? []]);
    }
}
