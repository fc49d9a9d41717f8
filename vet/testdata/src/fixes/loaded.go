package fixes

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	og "github.com/outguard/outguard/guard"
)

func loaded(ctx context.Context) {
	lambda.Start(handle) // want "not wrapped"
	g, _ := og.Load(nil)
	_, _ = config.LoadDefaultConfig(ctx)                          // want "not guarded"
	c := http.Client{Transport: &http.Transport{}}                // want "not guarded"
	c.Transport = http.DefaultTransport.(*http.Transport).Clone() // want "not guarded"
	lambda.Start(handle)                                          // want "not wrapped"
	_ = g
}

var shared *og.Guard

// The package variable may not be set yet.
func early(ctx context.Context) {
	_, _ = config.LoadDefaultConfig(ctx) // want "not guarded"
}
