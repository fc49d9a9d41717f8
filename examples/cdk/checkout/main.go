// Command checkout is a function of the CDK example: it calls Stripe, and updates the order.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/outguard/outguard/guard"
)

type shop struct{ dynamo *dynamodb.Client }

type order struct{ ID string }

func (s *shop) handle(ctx context.Context, o order) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.stripe.com/v1/charges", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("stripe: %s", resp.Status)
	}
	_, err = s.dynamo.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(os.Getenv("TABLE")),
		Item:      map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: o.ID}},
	})
	return err
}

func main() {
	g, err := guard.Load(nil) // the policy that $OUTGUARD_POLICY names, in the layer
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithAPIOptions(g.AWS()))
	if err != nil {
		log.Fatal(err)
	}
	s := &shop{dynamodb.NewFromConfig(cfg)}
	lambda.Start(g.Wrap(s.handle))
}
