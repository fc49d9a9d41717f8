module github.com/outguard/outguard/internal/faulttest

go 1.26.0

replace github.com/outguard/outguard => ../..

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/outguard/outguard v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.2
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/aws/aws-sdk-go-v2 v1.24.0 // indirect
	github.com/aws/smithy-go v1.19.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.14.0 // indirect
)
