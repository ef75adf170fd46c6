using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Kernel.Json;

namespace Poc.Review.Tests.Decisions;

public sealed class SignDecisionTests(ReviewStack stack)
{
    [Fact]
    public async Task Refuses_a_citation_whose_content_was_changed_and_names_it()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var draft = (await @case.DraftAsync(await @case.VotedToDelistAsync(), @case.Draft())).Decision;
        var signed = (await @case.SignAsync(draft, Staff.Chair)).Decision;
        Assert.Equal(1, await @case.Stack.Archive.TamperAsync("UPDATE statements SET sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1) WHERE name = $1",
            @case.Statements[1]));

        var refusal = await @case.SignAsync(signed, Staff.Approver).RefusedAsync(StatusCode.FailedPrecondition, "CITATION_REFUSED");
        Assert.Equal((@case.Statements[1], "1", "CONTENT_CHANGED"), (refusal.Info().Metadata["statement"], refusal.Info().Metadata["citation"],
            refusal.Info().Metadata["verdict"]));
        Assert.Equal(DesignationState.UnderReconsideration, (await @case.SubjectAsync()).Episodes[0].DesignationState);
        Assert.DoesNotContain(@case.Stack.Others.Heard.OfType<DecisionSigned>(), told => told.Aggregate == draft.Name);

        await @case.Stack.Archive.TamperAsync("UPDATE statements SET sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1) WHERE name = $1",
            @case.Statements[1]);
        Assert.True((await @case.SignAsync(signed, Staff.Approver)).InForce);
    }

    [Fact]
    public async Task Takes_two_people_in_two_roles()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var draft = (await @case.DraftAsync(await @case.VotedToDelistAsync(), @case.Draft())).Decision;
        var both = Staff.As("chair-a", Poc.Grpc.Roles.PanelChair, Poc.Grpc.Roles.Approver);
        var signed = (await @case.SignAsync(draft, both)).Decision;
        await @case.SignAsync(signed, both).RefusedAsync(StatusCode.FailedPrecondition, "ALREADY_SIGNED_BY_CALLER");
        await @case.SignAsync(signed, Staff.OtherChair).RefusedAsync(StatusCode.FailedPrecondition, "ROLE_ALREADY_SIGNED");
        await @case.SignAsync(draft, Staff.Approver).RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");
        await @case.SignAsync(signed, Staff.Reviewer("a1")).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        var inForce = await @case.SignAsync(signed, Staff.Approver);
        Assert.True(inForce.InForce);
        await @case.SignAsync(inForce.Decision, Staff.OtherApprover).RefusedAsync(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION");
    }

    [Fact]
    public async Task Of_twin_and_rival_signatures_at_once_one_counts()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var draft = (await @case.DraftAsync(await @case.VotedToDelistAsync(), @case.Draft())).Decision;
        var first = (await @case.SignAsync(draft, Staff.Chair)).Decision;
        var twin = new SignDecisionRequest { RequestId = Some.RequestId(), Name = first.Name, Etag = first.Etag };
        var twins = Enumerable.Range(0, 4).Select(async _ => (await @case.Client.SignDecisionAsync(twin, Staff.Approver)).InForce);
        var rivals = Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                return (await @case.SignAsync(first, Staff.OtherApprover)).InForce;
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.Aborted or StatusCode.FailedPrecondition)
            {
                return false;
            }
        });
        try
        {
            await Task.WhenAll(twins.Concat(rivals));
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Aborted)
        {
            // The rival was first: then no twin signed.
        }

        var decision = (await @case.Client.GetDecisionAsync(new GetDecisionRequest { Name = draft.Name }, Staff.Auditor)).Decision;
        Assert.Equal(2, decision.Signatures.Count);
        Assert.Equal(Publicity.Embargoed, decision.Publicity);
        await @case.Stack.Others.HeardAsync<DecisionSigned>(draft.Name);
        Assert.Equal(1, await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM designation_changes WHERE decision = $1", draft.Name));
    }

    [Fact]
    public async Task Not_retracted_stands_on_a_search_record_that_the_archive_has()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var statement = @case.Statements[0];
        Assert.True((await @case.SignAsync(await JudgedAsync(@case, await @case.Stack.Archive.RecordSearchAsync(statement)),
            Staff.Chair)).Decision.Signatures.Count == 1);

        var other = await Case.NewAsync(stack, designated: true);
        var invented = $"{other.Statements[0]}/retractionEntries/{Guid.CreateVersion7()}";
        var refusal = await other.SignAsync(await JudgedAsync(other, invented), Staff.Chair).RefusedAsync(StatusCode.FailedPrecondition,
            "SEARCH_RECORD_MISSING");
        Assert.Equal(invented, refusal.Info().Metadata["search_record"]);
    }

    [Fact]
    public async Task What_was_signed_is_canonical_and_hashes_to_what_is_told_and_cannot_be_edited()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var signed = await @case.WithdrawnAsync();
        var content = await @case.Stack.Database.ScalarAsync<string>("SELECT content FROM decisions WHERE name = $1", signed.Name);
        Assert.True(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(content)));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(content)), signed.ContentSha256.ToByteArray());
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Case.Text1))), content,
            StringComparison.Ordinal); // the words that were cited

        foreach (var sql in (string[])["UPDATE decisions SET reasons = 'Others.' WHERE name = $1", "DELETE FROM decisions WHERE name = $1",
            "DELETE FROM designation_changes WHERE decision = $1"])
        {
            Assert.Equal(PostgresErrorCodes.RestrictViolation, (await Assert.ThrowsAsync<PostgresException>(() =>
                @case.Stack.Database.ExecuteAsync(sql, signed.Name))).SqlState);
        }
    }

    private static async Task<Decision> JudgedAsync(Case @case, string searchRecord)
    {
        var dossier = await @case.ReplyAsync(await @case.AttachAsync(await @case.AskAsync(), @case.Statements[0]));
        await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a3");
        foreach (var member in (string[])["a1", "a2", "a3"])
        {
            await @case.AssessAsync(dossier.Name, member, Some.Assessment(@case.Statements[0], RetractionJudgement.NotRetracted, searchRecord));
            await @case.VoteAsync(dossier.Name, member, Choice.For);
        }

        return (await @case.DraftAsync(await @case.DossierAsync(dossier.Name), Some.Draft())).Decision;
    }
}
