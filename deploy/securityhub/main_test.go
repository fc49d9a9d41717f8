package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

// A hub keeps what is imported.
type hub struct {
	got []types.AwsSecurityFinding
	out *securityhub.BatchImportFindingsOutput
	err error
}

func (h *hub) BatchImportFindings(_ context.Context, in *securityhub.BatchImportFindingsInput, _ ...func(*securityhub.Options)) (*securityhub.BatchImportFindingsOutput, error) {
	h.got = append(h.got, in.Findings...)
	return h.out, h.err
}

func TestForward(t *testing.T) {
	alert := notify.Alert{
		Schema: notify.Schema, Time: time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC), Verdict: "block", Function: "pay", Region: "eu-west-1",
		Account: "111122223333", List: "whitelist", Reason: "no whitelist rule matches host evil.example", Count: 1,
		Call: notify.Call{Kind: "http", Method: "POST", URL: "https://evil.example/"},
	}.Clean()
	detail, err := json.Marshal(alert)
	require.NoError(t, err)
	good := &securityhub.BatchImportFindingsOutput{SuccessCount: aws.Int32(1)}
	h := &hub{out: good}
	require.NoError(t, forward(t.Context(), h, events.EventBridgeEvent{Detail: detail}))
	require.Len(t, h.got, 1)
	f := h.got[0]
	assert.Equal(t, "111122223333", aws.ToString(f.AwsAccountId))
	assert.Equal(t, types.SeverityLabelHigh, f.Severity.Label)
	assert.Contains(t, aws.ToString(f.Description), "evil.example")
	assert.Equal(t, "AwsLambdaFunction", aws.ToString(f.Resources[0].Type))
	assert.NotEmpty(t, aws.ToString(f.Id))
	assert.NotEmpty(t, aws.ToString(f.CreatedAt))

	for _, c := range []struct {
		name   string
		detail string
		h      *hub
		want   string
	}{
		{"not JSON", "x", &hub{out: good}, "not an alert"},
		{"another schema", `{"schema":"other/v1"}`, &hub{out: good}, "not an alert of"},
		{"Security Hub is off", string(detail), &hub{err: errors.New("not subscribed")}, "not subscribed"},
		{"refused", string(detail), &hub{out: &securityhub.BatchImportFindingsOutput{
			FailedCount: aws.Int32(1), FailedFindings: []types.ImportFindingsError{{ErrorCode: aws.String("InvalidInput"), ErrorMessage: aws.String("Id")}},
		}}, "refused: InvalidInput: Id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.ErrorContains(t, forward(t.Context(), c.h, events.EventBridgeEvent{Detail: json.RawMessage(c.detail)}), c.want)
		})
	}
}
