// Package deps pins the module versions that fit together until every package that uses them stands.
package deps

import (
	_ "github.com/aws/aws-lambda-go/lambda"
	_ "github.com/aws/aws-sdk-go-v2/config"
	_ "github.com/aws/aws-sdk-go-v2/service/sns"
	_ "github.com/aws/smithy-go/middleware"
	_ "github.com/gobwas/glob"
	_ "github.com/stretchr/testify/assert"
	_ "github.com/stretchr/testify/require"
	_ "golang.org/x/net/idna"
	_ "gopkg.in/yaml.v3"
)
