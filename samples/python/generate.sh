#!/bin/sh
# Generates the Python client from Intake's .proto into ./generated, with what Debian has:
#   apt-get install python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc libprotobuf-dev
# (libprotobuf-dev brings google/protobuf/timestamp.proto.) Run it again when the .proto has changed.
set -eu
cd "$(dirname "$0")"
contracts=../../src/Poc.Contracts
files=$(cd "$contracts/proto" && echo poc/intake/v1/*.proto)
out=${1:-generated}
mkdir -p "$out"
# shellcheck disable=SC2086 # one file a word
protoc --proto_path="$contracts/proto" --proto_path="$contracts/google" --proto_path=.. --python_out="$out" --grpc_python_out="$out" \
  --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" \
  $files google/api/annotations.proto google/api/http.proto error_details.proto
