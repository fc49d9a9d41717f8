// Command function is a guarded function: it lists queues, and gets the URL that is its event.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/outguard/outguard/guard"
)

func main() {
	g, err := guard.Load(nil)
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithAPIOptions(g.AWS()), config.WithRetryMaxAttempts(1))
	if err != nil {
		log.Fatal(err)
	}
	queues := sqs.NewFromConfig(cfg)
	lambda.Start(g.Wrap(func(ctx context.Context, url string) (string, error) {
		out, err := queues.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String("orders")})
		if err != nil {
			return "", fmt.Errorf("ListQueues: %w", err)
		}
		resp, err := http.Get(url)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return fmt.Sprintf("%s, %s", out.QueueUrls, text), err
	}))
}
