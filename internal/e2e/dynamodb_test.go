package e2e

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// A waiter's calls are calls like others: a refused one ends the wait at once.
func TestWaiters(t *testing.T) {
	asked := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		status := "CREATING"
		if asked == 3 {
			status = "ACTIVE"
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"Table":{"TableName":"orders","TableStatus":"`+status+`"}}`)
	})
	g := &fakeGuard{}
	client := dynamodb.NewFromConfig(config(s.URL, awsmiddleware.New(g)))
	wait := func() error {
		return dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay = time.Millisecond
			o.MaxDelay = time.Millisecond
		}).
			Wait(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")}, time.Minute)
	}
	require.NoError(t, wait())
	assert.Len(t, g.seen(policy.ViaSDK), 3)

	g.calls, g.refuse = nil, refuseOperation("DescribeTable")
	assertRefused(t, wait())
	assert.Len(t, g.seen(policy.ViaSDK), 1)
}

// The table's account is in the host when an account's own endpoint is used, and when the table is
// named by an ARN of another account.
func TestAccountEndpointsShowInTheHost(t *testing.T) {
	sent := &recorder{respond: func(int) (int, string) { return http.StatusOK, "{}" }}
	g := &fakeGuard{}
	cfg := config("", awsmiddleware.New(g))
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "s", AccountID: "111122223333"}, nil
	})
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.HTTPClient = sent })
	for _, table := range []string{"orders", "arn:aws:dynamodb:eu-west-1:999900001111:table/orders"} {
		_, err := client.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"111122223333.ddb.eu-west-1.amazonaws.com", "999900001111.ddb.eu-west-1.amazonaws.com"}, g.wireHosts())
}
