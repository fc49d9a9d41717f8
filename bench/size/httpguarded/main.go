// Command httpguarded is httpbare with the guard.
package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/guard"
)

func main() {
	lambda.Start(guard.Wrap(func(ctx context.Context, url string) (string, error) {
		resp, err := http.Get(url)
		if err != nil {
			return "", err
		}
		return resp.Status, resp.Body.Close()
	}))
}
