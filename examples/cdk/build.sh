#!/bin/sh
# Builds each function into build/FUNCTION, and the layer with the policy into build/layer.
set -eu
cd "$(dirname "$0")"
build=${BUILD:-build}
for function in checkout refund; do
	GOOS=linux GOARCH=${GOARCH:-arm64} CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -o "$build/$function/bootstrap" "./$function"
done
mkdir -p "$build/layer/policies"
cp policy.yaml "$build/layer/policies/policy.yaml"
