module github.com/outguard/outguard

go 1.25.0

require (
	github.com/aws/aws-lambda-go v1.47.0
	github.com/aws/aws-sdk-go-v2 v1.24.0
	github.com/aws/smithy-go v1.19.0
	github.com/gobwas/glob v0.2.3
	github.com/stretchr/testify v1.8.4
	go.yaml.in/yaml/v3 v3.0.2
	golang.org/x/net v0.20.0
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	golang.org/x/text v0.14.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
