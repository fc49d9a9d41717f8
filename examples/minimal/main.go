package main

import (
	"context"
	_ "embed"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/outguard/outguard/guard"
)

//go:embed policy.yaml
var policyYAML []byte

func main() {
	g, err := guard.Load(&guard.Options{Policy: policyYAML})
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithAPIOptions(g.AWS()))
	if err != nil {
		log.Fatal(err)
	}
	shop := &shop{dynamodb.NewFromConfig(cfg)}
	lambda.Start(g.Wrap(shop.handle))
}
