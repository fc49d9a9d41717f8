// Command guarded is bare with the guard.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/outguard/outguard/guard"
)

func main() {
	g, err := guard.Load(nil)
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithAPIOptions(g.AWS()))
	if err != nil {
		log.Fatal(err)
	}
	db := dynamodb.NewFromConfig(cfg)
	lambda.Start(g.Wrap(func(ctx context.Context, id string) error {
		_, err := db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: new("orders"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
		})
		return err
	}))
}
