#!/bin/sh
# Makes the Go client from Intake's .proto and builds the sample with it into ./build, with what Debian has:
#   apt-get install golang-go golang-google-grpc-dev golang-google-genproto-dev golang-google-protobuf-dev \
#       golang-github-golang-protobuf-1-5-dev protoc-gen-go protoc-gen-go-grpc protobuf-compiler libprotobuf-dev
# Nothing is fetched: Debian keeps Go's libraries as sources below /usr/share/gocode. Run it again when the .proto has changed.
set -eu
cd "$(dirname "$0")"
contracts=../../src/Poc.Contracts
files=$(cd "$contracts/proto" && echo poc/intake/v1/*.proto)
out=${1:-build}
package=poc/intakev1
map=$(for file in $files; do printf ',M%s=%s' "$file" "$package"; done)
map=${map#,}
mkdir -p "$out/src/$package" "$out/src/submit_request"
# shellcheck disable=SC2086 # one file a word
protoc --proto_path="$contracts/proto" --proto_path="$contracts/google" --plugin=protoc-gen-go="$(command -v protoc-gen-go)" \
  --go_out="$out/src" --go_opt="$map" \
  --go-grpc_out="$out/src" --go-grpc_opt="$map" \
  $files
cp submit_request.go "$out/src/submit_request/"
out=$(cd "$out" && pwd)
GO111MODULE=off GOFLAGS= GOPATH="$out:/usr/share/gocode" go build -o "$out/submit_request" submit_request
