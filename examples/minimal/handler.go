// Command minimal is the smallest function that Outguard guards: a policy file, and two lines in
// main.
package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type shop struct{ dynamo *dynamodb.Client }

type order struct{ ID, Charge string }

// handle knows nothing of the guard: it uses http.DefaultClient and a client made from the config.
func (s *shop) handle(ctx context.Context, o order) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.stripe.com/v1/charges/"+o.Charge, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	_, err = s.dynamo.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String("orders"),
		Item:      map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: o.ID}},
	})
	return resp.Status, err
}
