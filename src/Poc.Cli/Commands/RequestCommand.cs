using System.CommandLine;
using Grpc.Core;
using Poc.Contracts.Intake.V1;

namespace Poc.Cli.Commands;

/// <summary><c>poc request</c>: what a partner does.</summary>
internal static class RequestCommand
{
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "UUID of this filing: give the same one again to repeat it safely. Made when missing." };
    private static readonly Option<RequestKind> Kind = new("--kind") { Description = "designate, delist, reconsider, evidence or withdraw.", Required = true };
    private static readonly Option<string?> Subject = new("--subject") { Description = "subjects/{subject}, for a person on record." };
    private static readonly Option<string?> NativeName = new("--native-name") { Description = "Name in the person's own script, for a person not on record." };
    private static readonly Option<string> Script = new("--script") { Description = "ISO 15924 code of that script, for example Cyrl.", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> Text = new("--text") { Description = "The request in your own words; or --text-file." };
    private static readonly Option<FileInfo?> TextFile = new("--text-file") { Description = "A UTF-8 file with the words." };
    private static readonly Option<string> Language = new("--language") { Description = "BCP 47 language of the words, for example uk.", Required = true };
    private static readonly Option<Relation> RelationOption = new("--relation") { Description = "consent, counsel, family or thirdparty.", DefaultValueFactory = _ => Relation.ThirdParty };
    private static readonly Option<string[]> Criterion = new("--criterion") { Description = "Id of a criterion it addresses; may be given more than once." };
    private static readonly Option<string[]> Link = new("--link") { Description = "An http(s) link given as evidence; may be given more than once." };
    private static readonly Option<string[]> Cite = new("--cite") { Description = "A statement it relies on, subjects/{s}/statements/{t}; may be given more than once." };
    private static readonly Option<string> Urgency = new("--urgency") { Description = "Why it cannot wait.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Withdraws = new("--withdraws") { Description = "The request a withdrawal takes back.", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> Follow = new("--follow") { Description = "Stay and show each change of its state." };
    private static readonly Option<long> After = new("--after") { Description = "Show only what came after this sequence." };
    private static readonly Argument<string> Name = new("name") { Description = "partners/{partner}/requests/{request}" };

    public static Command Create()
    {
        var submit = new Command("submit", "File a request; ends when it is on disk, with the receipt.")
        {
            RequestId, Kind, Subject, NativeName, Script, Text, TextFile, Language, RelationOption, Criterion, Link, Cite, Urgency, Withdraws, Follow,
        };
        submit.SetAction(SubmitAsync);
        var show = new Command("show", "Show one request.") { Name };
        show.SetAction(ShowAsync);
        var follow = new Command("follow", "Show each state a request has had and will have, until it is answered.") { Name, After };
        follow.SetAction((parsed, cancellation) => FollowAsync(parsed, parsed.GetRequiredValue(Name), parsed.GetValue(After), cancellation));
        var list = new Command("list", "List your requests, newest first.");
        list.SetAction(ListAsync);
        var receipt = new Command("receipt", "Show the receipt that a request was given when it was filed.") { Name };
        receipt.SetAction(ReceiptAsync);
        var command = new Command("request", "File requests and follow them (partners).") { submit, show, follow, list, receipt };
        command.Options.Add(PartnerKey.Option);
        return command;
    }

    private static async Task<int> SubmitAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connect(parsed);
        var requestId = parsed.GetValue(RequestId) ?? PartnerCommand.FreshId();
        var response = await new IntakeService.IntakeServiceClient(connection.Invoker).SubmitRequestAsync(
            new() { RequestId = requestId, Request = await ReadRequestAsync(parsed, cancellation) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response,
            response.Request.Name,
            $"request id   {requestId}",
            $"received at  {response.Receipt.ReceivedAt.ToDateTimeOffset():u}",
            $"text sha-256 {response.Receipt.TextSha256}");
        return parsed.GetValue(Follow) ? await FollowAsync(parsed, response.Request.Name, 0, cancellation) : ExitCode.Done;
    }

    private static async Task<Request> ReadRequestAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var text = (parsed.GetValue(Text), parsed.GetValue(TextFile)) switch
        {
            (string words, null) => words,
            (null, FileInfo file) => await File.ReadAllTextAsync(file.FullName, cancellation),
            _ => throw new UsageException("give the words by --text or by --text-file, one of them."),
        };
        var request = new Request
        {
            Kind = parsed.GetValue(Kind),
            Text = text,
            Language = parsed.GetRequiredValue(Language),
            Relation = parsed.GetValue(RelationOption),
            UrgencyReason = parsed.GetRequiredValue(Urgency),
            Withdraws = parsed.GetRequiredValue(Withdraws),
            Criteria = { parsed.GetValue(Criterion) ?? [] },
            Links = { parsed.GetValue(Link) ?? [] },
            CitedStatements = { parsed.GetValue(Cite) ?? [] },
        };
        request.Subject = (parsed.GetValue(Subject), parsed.GetValue(NativeName)) switch
        {
            (string subject, null) => new() { Subject = subject },
            (null, string name) => new() { Description = new() { NativeName = name, Script = parsed.GetRequiredValue(Script) } },
            (null, null) when request.Kind == RequestKind.Withdraw => null,
            _ => throw new UsageException("say whom it is about by --subject or by --native-name, one of them."),
        };
        return request;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connect(parsed);
        var response = await new IntakeService.IntakeServiceClient(connection.Invoker).GetRequestAsync(
            new() { Name = parsed.GetRequiredValue(Name) }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response.Request, Describe(response.Request));
        return ExitCode.Done;
    }

    private static async Task<int> ReceiptAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connect(parsed);
        var receipt = (await new IntakeService.IntakeServiceClient(connection.Invoker).GetReceiptAsync(
            new() { Name = $"{parsed.GetRequiredValue(Name)}/receipt" }, connection.Call(cancellation))).Receipt;
        await Answer.WriteAsync(parsed, receipt,
            receipt.Name,
            $"request id   {receipt.RequestId}",
            $"received at  {receipt.ReceivedAt.ToDateTimeOffset():u}",
            $"text sha-256 {receipt.TextSha256}");
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connect(parsed);
        var client = new IntakeService.IntakeServiceClient(connection.Invoker);
        var all = new ListRequestsResponse();
        do
        {
            var page = await client.ListRequestsAsync(new() { PageSize = 500, PageToken = all.NextPageToken }, connection.Call(cancellation));
            all.Requests.Add(page.Requests);
            (all.NextPageToken, all.TotalSize) = (page.NextPageToken, page.TotalSize);
        }
        while (all.NextPageToken.Length > 0);
        await Answer.WriteAsync(parsed, all, all.Requests.SelectMany(Describe).Append($"{all.TotalSize} requests"));
        return ExitCode.Done;
    }

    private static async Task<int> FollowAsync(ParseResult parsed, string name, long after, CancellationToken cancellation)
    {
        using var connection = Connect(parsed);
        var client = new IntakeService.IntakeServiceClient(connection.Invoker);
        while (true)
        {
            using var call = client.WatchRequest(new() { Name = name, AfterSequence = after }, connection.Headers, cancellationToken: cancellation);
            try
            {
                await foreach (var change in call.ResponseStream.ReadAllAsync(cancellation))
                {
                    after = change.Sequence;
                    await Answer.WriteAsync(parsed, change, $"{change.Sequence,3}  {change.ChangedAt.ToDateTimeOffset():u}  {change.State,-12} {change.StateReason}");
                }

                return ExitCode.Done;
            }
            catch (RpcException ended) when (ended.StatusCode == StatusCode.DeadlineExceeded)
            {
                // No stream goes on for ever: the next one begins after what was shown.
            }
        }
    }

    private static IEnumerable<string> Describe(Request request) =>
        [$"{request.Name}  {request.Kind}  {request.State} {request.StateReason} {request.Dossier} {request.Answer?.Outcome}".TrimEnd()];

    private static Connection Connect(ParseResult parsed) => Connection.AsPartner(parsed, PartnerKey.Read(parsed));
}
