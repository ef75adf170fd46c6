using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;

namespace Poc.Review.Tests.Dossiers;

public sealed class AttachStatementsTests(ReviewStack stack)
{
    [Fact]
    public async Task Refuses_a_report_that_specifies_no_words_and_attaches_nothing_of_that_request()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var s3 = await @case.Stack.Archive.RecordAsync(@case.Subject, "s3", "Discriminatory statements are reported; nobody specifies them.",
            ContentKind.UnspecifiedReport);
        var dossier = await @case.AskAsync();
        var refusal = await Attach(@case, dossier, @case.Statements[0], s3).RefusedAsync(StatusCode.FailedPrecondition, "STATEMENT_NOT_CITABLE");
        Assert.Equal((s3, "NOT_SPECIFIC"), (refusal.Info().Metadata["statement"], refusal.Info().Metadata["finding"]));
        Assert.Empty((await @case.DossierAsync(dossier.Name)).Statements);
    }

    [Fact]
    public async Task Refuses_what_the_archive_does_not_have_and_what_is_another_subjects()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var other = await Case.NewAsync(stack);
        var dossier = await @case.AskAsync();
        var refusal = await Attach(@case, dossier, $"{@case.Subject}/statements/s9").RefusedAsync(StatusCode.FailedPrecondition, "STATEMENT_NOT_CITABLE");
        Assert.Equal("STATEMENT_UNKNOWN", refusal.Info().Metadata["finding"]);
        Assert.Equal(["statements[0]"], (await Attach(@case, dossier, other.Statements[0]).RefusedAsync(StatusCode.InvalidArgument,
            "FIELD_INVALID")).WrongFields());
    }

    [Fact]
    public async Task Twins_are_one_write_with_one_answer_and_a_stale_etag_is_aborted()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AskAsync();
        var request = new AttachStatementsRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            Statements = { @case.Statements[0] },
            Etag = dossier.Etag
        };
        var twins = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await @case.Client.AttachStatementsAsync(request, Staff.Officer)));
        Assert.Single(twins.Select(static twin => twin.Dossier).Distinct());
        Assert.NotEqual(dossier.Etag, twins[0].Dossier.Etag);
        await Attach(@case, dossier, @case.Statements[1]).RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");

        var reused = request.Clone();
        reused.Statements.Add(@case.Statements[1]);
        await @case.Client.AttachStatementsAsync(reused, Staff.Officer).RefusedAsync(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task Is_over_when_the_panel_is_seated()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var seated = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier;
        var refusal = await Attach(@case, seated, @case.Statements[0]).RefusedAsync(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION");
        Assert.Equal("VOTING", refusal.Info().Metadata["state"]);
        Assert.Contains("CastBallot", refusal.Info().Metadata["legal"].Split(','));
    }

    [Fact]
    public async Task Is_for_officers_and_chairs()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AskAsync();
        var request = new AttachStatementsRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            Statements = { @case.Statements[0] },
            Etag = dossier.Etag
        };
        await @case.Client.AttachStatementsAsync(request, Staff.Reviewer("a1")).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        await @case.Client.AttachStatementsAsync(request).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_MISSING");
    }

    private static AsyncUnaryCall<AttachStatementsResponse> Attach(Case @case, Dossier dossier, params string[] statements) =>
        @case.Client.AttachStatementsAsync(
        new AttachStatementsRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Statements = { statements }, Etag = dossier.Etag }, Staff.Officer);
}
