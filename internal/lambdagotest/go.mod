module github.com/outguard/outguard/internal/lambdagotest

go 1.26

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/outguard/outguard v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/aws/aws-sdk-go-v2 v1.24.0 // indirect
	github.com/aws/smithy-go v1.19.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/outguard/outguard => ../..
