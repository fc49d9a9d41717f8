#!/bin/sh
# Builds each function into build/FUNCTION, with its part of the policy beside the binary.
set -eu
cd "$(dirname "$0")"
build=${BUILD:-build}
outguard=${OUTGUARD:-go run github.com/outguard/outguard/cmd/outguard}
for function in checkout refund; do
	mkdir -p "$build/$function"
	GOOS=linux GOARCH=${GOARCH:-arm64} CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -o "$build/$function/bootstrap" "./$function"
	$outguard bundle -function "$function-${STAGE:-dev}" policy.yaml >"$build/$function/policy.yaml"
done
