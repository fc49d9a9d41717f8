package fixes

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

func handle(context.Context) error { return nil }

type bytes struct{}

func (bytes) Invoke(context.Context, []byte) ([]byte, error) { return nil, nil }

func load(ctx context.Context) {
	_, _ = config.LoadDefaultConfig(ctx)                                 // want "not guarded"
	_, _ = config.LoadDefaultConfig(ctx, config.WithRegion("eu-west-1")) // want "not guarded"
	_ = aws.Config{}                                                     // want "not guarded"
	_ = aws.Config{Region: "eu-west-1"}                                  // want "not guarded"
	_ = http.Client{Transport: &http.Transport{}}                        // want "not guarded"
}

func start() {
	lambda.Start(handle)             // want "not wrapped"
	lambda.StartHandler(bytes{})     // want "not wrapped"
	lambda.StartHandlerFunc(handles) // want "not wrapped"
}

func handles(context.Context, string) (string, error) { return "", nil }
