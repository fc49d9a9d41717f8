// Command bare is a function with the SDK's config and one service client, to compare sizes with.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	db := dynamodb.NewFromConfig(cfg)
	lambda.Start(func(ctx context.Context, id string) error {
		_, err := db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: new("orders"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
		})
		return err
	})
}
