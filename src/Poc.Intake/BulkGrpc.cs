using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Bulk;
using Poc.Intake.Partners;

namespace Poc.Intake;

/// <summary>Filing many requests; each method is a slice of the same name.</summary>
internal sealed class BulkGrpc(BatchSubmitRequests batchSubmitRequests, ImportRequests importRequests, GetImport getImport, ListImportItems listImportItems) : BulkService.BulkServiceBase
{
    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Submit)]
    public override Task<BatchSubmitRequestsResponse> BatchSubmitRequests(BatchSubmitRequestsRequest request, ServerCallContext context) => batchSubmitRequests.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Import)]
    public override Task<ImportRequestsResponse> ImportRequests(IAsyncStreamReader<ImportRequestsRequest> requestStream, ServerCallContext context) => importRequests.HandleAsync(requestStream, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task<GetImportResponse> GetImport(GetImportRequest request, ServerCallContext context) => getImport.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task<ListImportItemsResponse> ListImportItems(ListImportItemsRequest request, ServerCallContext context) => listImportItems.HandleAsync(request, context);
}
