// Command securityhub is the Lambda function to which an EventBridge rule gives Outguard's alerts.
// It imports each into Security Hub as a finding; equal violations update one.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"

	"github.com/outguard/outguard/notify"
)

func main() {
	lambda.Start(func(ctx context.Context, e events.EventBridgeEvent) error {
		// The configuration is loaded in the handler, so that its error makes Lambda try again.
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return err
		}
		return forward(ctx, securityhub.NewFromConfig(cfg), e)
	})
}

// An importer is Security Hub.
type importer interface {
	BatchImportFindings(context.Context, *securityhub.BatchImportFindingsInput, ...func(*securityhub.Options)) (*securityhub.BatchImportFindingsOutput, error)
}

// forward imports the alert of an event. An error makes Lambda try again.
func forward(ctx context.Context, hub importer, e events.EventBridgeEvent) error {
	finding, err := findingOf(e.Detail)
	if err != nil {
		return err
	}
	out, err := hub.BatchImportFindings(ctx, &securityhub.BatchImportFindingsInput{Findings: []types.AwsSecurityFinding{*finding}})
	if err != nil {
		return err
	}
	// A batch may fail in part without an error of the call. There is one finding in it.
	if aws.ToInt32(out.FailedCount) > 0 && len(out.FailedFindings) > 0 {
		// Lambda logs the error. The code says what Security Hub did not take.
		return fmt.Errorf("refused: %s: %s", aws.ToString(out.FailedFindings[0].ErrorCode), aws.ToString(out.FailedFindings[0].ErrorMessage))
	}
	return nil
}

// findingOf returns the finding of an alert in JSON.
func findingOf(detail []byte) (*types.AwsSecurityFinding, error) {
	// The rule of EventBridge passes the alert on as the detail of its event.
	var a notify.Alert
	if err := json.Unmarshal(detail, &a); err != nil {
		return nil, fmt.Errorf("the event's detail is not an alert: %w", err)
	}
	// The finding names the function's region and account.
	if a.Schema != notify.Schema || a.Region == "" || a.Account == "" {
		return nil, fmt.Errorf("the event's detail is not an alert of %s with a region and an account", notify.Schema)
	}
	// ASFF has the keys of Security Hub's API, which are also those of the SDK's type.
	text, err := json.Marshal(a.ASFF())
	if err != nil {
		return nil, err
	}
	var finding types.AwsSecurityFinding
	if err := json.Unmarshal(text, &finding); err != nil {
		return nil, err
	}
	return &finding, nil
}
