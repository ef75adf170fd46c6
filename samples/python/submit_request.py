#!/usr/bin/python3
"""Files a request with Poc and reads its receipt, in Python, from the .proto alone.

    ./generate.sh
    POC_API_KEY=poc_... ./submit_request.py --kind delist --subject subjects/navalny --language en \\
        --relation third-party --criterion advocacy-of-violence --text "We ask you to ..."

Exit codes: 0 filed, 1 refused, 2 wrong usage, 3 not reachable or over quota: try again with the same --request-id.
"""
import argparse
import os
import sys
import time
import uuid

import grpc

sys.path.insert(0, os.environ.get("POC_PYTHON_STUBS", os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated")))
try:
    import error_details_pb2 as errors
    from poc.intake.v1 import intake_pb2 as intake
    from poc.intake.v1 import intake_pb2_grpc
except ImportError as missing:
    print(f"No client yet ({missing}): run samples/python/generate.sh first.", file=sys.stderr)
    sys.exit(2)

KINDS = {"designate": intake.REQUEST_KIND_DESIGNATE, "delist": intake.REQUEST_KIND_DELIST,
         "reconsider": intake.REQUEST_KIND_RECONSIDER, "evidence": intake.REQUEST_KIND_EVIDENCE}
RELATIONS = {"consent": intake.RELATION_CONSENT, "counsel": intake.RELATION_COUNSEL,
             "family": intake.RELATION_FAMILY, "third-party": intake.RELATION_THIRD_PARTY}
RETRYABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)


def read_arguments():
    parser = argparse.ArgumentParser(description="Files a request with Poc and reads its receipt.")
    parser.add_argument("--address", default="localhost:5101", help="Intake's gRPC endpoint (default: %(default)s)")
    parser.add_argument("--api-key", default=os.environ.get("POC_API_KEY"), help="poc_<id>_<secret>; better in the environment variable POC_API_KEY")
    parser.add_argument("--request-id", default=str(uuid.uuid4()), help="a UUID, one for each filing; sending it again is safe (default: a new one)")
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--relation", choices=RELATIONS, required=True, help="how you stand to the subject")
    parser.add_argument("--subject", required=True, help="subjects/<id>")
    parser.add_argument("--text", required=True, help="the request in your own words, any script")
    parser.add_argument("--language", required=True, help="BCP 47 tag of the text, e.g. uk")
    parser.add_argument("--link", action="append", default=[], help="may be repeated")
    parser.add_argument("--criterion", action="append", default=[], help="criterion of the protocol it addresses; may be repeated")
    parser.add_argument("--attempts", type=int, default=5, help="tries while the service is not available (default: %(default)s)")
    arguments = parser.parse_args()
    if not arguments.api_key:
        parser.error("no API key: set POC_API_KEY")
    return arguments


def details_of(error):
    """The rich error: its ErrorInfo, BadRequest and RetryInfo, as far as they are there."""
    found = {"google.rpc.ErrorInfo": errors.ErrorInfo(), "google.rpc.BadRequest": errors.BadRequest(), "google.rpc.RetryInfo": errors.RetryInfo()}
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in errors.Status.FromString(value).details:
                message = found.get(detail.TypeName())
                if message is not None:
                    detail.Unpack(message)
    return tuple(found.values())


def call(method, message, metadata, attempts):
    """Calls, and calls again with the very same message while that can help: the request id makes it safe."""
    for attempt in range(1, attempts + 1):
        try:
            return method(message, metadata=metadata, timeout=10)
        except grpc.RpcError as error:
            if error.code() not in RETRYABLE or attempt == attempts:
                raise
            _, _, retry = details_of(error)
            # The server says when to come back; without its word, a little longer each time.
            time.sleep(retry.retry_delay.ToTimedelta().total_seconds() or 0.2 * 2 ** attempt)


def main():
    arguments = read_arguments()
    request = intake.Request(
        kind=KINDS[arguments.kind], relation=RELATIONS[arguments.relation], subject=intake.SubjectReference(subject=arguments.subject),
        text=arguments.text, language=arguments.language, links=arguments.link, criteria=arguments.criterion)
    metadata = (("x-api-key", arguments.api_key),)
    # In the clear, as the local stack serves it; across a network: grpc.secure_channel(address, grpc.ssl_channel_credentials()).
    with grpc.insecure_channel(arguments.address) as channel:
        service = intake_pb2_grpc.IntakeServiceStub(channel)
        try:
            filed = call(service.SubmitRequest, intake.SubmitRequestRequest(request_id=arguments.request_id, request=request), metadata, arguments.attempts)
            receipt = call(service.GetReceipt, intake.GetReceiptRequest(name=filed.receipt.name), metadata, arguments.attempts).receipt
        except grpc.RpcError as error:
            info, bad_request, _ = details_of(error)
            print(f"{error.code().name} {info.reason}: {error.details()}", file=sys.stderr)
            for violation in bad_request.field_violations:
                print(f"  {violation.field}: {violation.description}", file=sys.stderr)
            return 3 if error.code() in RETRYABLE else 1

    print(f"request:     {filed.request.name}")
    print(f"state:       {intake.Request.State.Name(filed.request.state)}")
    print(f"receipt:     {receipt.name}")
    print(f"request id:  {receipt.request_id}")
    print(f"received at: {receipt.received_at.ToJsonString()}")
    print(f"text sha256: {receipt.text_sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
