// Command httpbare is a function that gets one URL, to compare sizes and starts with.
package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(ctx context.Context, url string) (string, error) {
		resp, err := http.Get(url)
		if err != nil {
			return "", err
		}
		return resp.Status, resp.Body.Close()
	})
}
