using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Dossiers;

public sealed class RecordConcernTests(ReviewStack stack)
{
    [Fact]
    public async Task Is_once_per_person_named_or_not_and_shows_no_name_where_none_is_wished()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AskAsync();
        await Record(@case, dossier, anonymous: true);
        await Record(@case, dossier, anonymous: false).RefusedAsync(StatusCode.AlreadyExists, "CONCERN_ALREADY_RECORDED");
        var shown = await @case.DossierAsync(dossier.Name);
        Assert.Equal("", Assert.Single(shown.Concerns).Author);
        Assert.Equal(dossier.Etag, shown.Etag);
    }

    private static AsyncUnaryCall<RecordConcernResponse> Record(Case @case, Dossier dossier, bool anonymous) =>
        @case.Client.RecordConcernAsync(new RecordConcernRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            Text = "I am uneasy.",
            Anonymous = anonymous
        }, Staff.Auditor);
}
