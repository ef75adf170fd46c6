#!/bin/sh
# Generates the Python client from Intake's .proto into ./generated, with what Debian has:
#   apt-get install python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc libprotobuf-dev
# (libprotobuf-dev brings google/protobuf/timestamp.proto.) Run it again when the .proto has changed.
set -eu
cd "$(dirname "$0")"
protos=../../src/Poc.Contracts/proto
out=${1:-generated}
mkdir -p "$out"
protoc --proto_path="$protos" --proto_path=.. --python_out="$out" --grpc_python_out="$out" \
  --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" \
  poc/intake/v1/intake.proto error_details.proto
