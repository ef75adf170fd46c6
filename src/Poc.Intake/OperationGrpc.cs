using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Operations;
using Poc.Intake.Partners;

namespace Poc.Intake;

/// <summary>Long work of partners; each method is a slice of the same name.</summary>
internal sealed class OperationGrpc(
    ExportRequests exportRequests, GetOperation getOperation, ListOperations listOperations, CancelOperation cancelOperation, WaitOperation waitOperation, ReadExport readExport)
    : OperationService.OperationServiceBase
{
    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Export)]
    public override Task<ExportRequestsResponse> ExportRequests(ExportRequestsRequest request, ServerCallContext context) => exportRequests.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Export)]
    public override Task<GetOperationResponse> GetOperation(GetOperationRequest request, ServerCallContext context) => getOperation.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Export)]
    public override Task<ListOperationsResponse> ListOperations(ListOperationsRequest request, ServerCallContext context) => listOperations.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Export)]
    public override Task<CancelOperationResponse> CancelOperation(CancelOperationRequest request, ServerCallContext context) => cancelOperation.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Export)]
    public override Task<WaitOperationResponse> WaitOperation(WaitOperationRequest request, ServerCallContext context) => waitOperation.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Export)]
    public override Task ReadExport(ReadExportRequest request, IServerStreamWriter<ReadExportResponse> responseStream, ServerCallContext context) => readExport.HandleAsync(request, responseStream, context);
}
