package fixes

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
)

// The name guard means something else here, so nothing is changed.
func taken(guard string, opts ...func(*config.LoadOptions) error) {
	lambda.Start(handle)                                           // want "not wrapped"
	_, _ = config.LoadDefaultConfig(context.Background(), opts...) // want "not guarded"
}
