package services

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
)

// What the body of a request names is what the SDK's input names: every operation of every client
// is made, and read both ways.
func TestEveryBodyTouchesWhatItsInputTouches(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	at := &awscall.Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	read, texts := 0, 0
	for _, service := range slices.Sorted(maps.Keys(clients)) {
		prefix, _ := awsops.Service(service)
		for _, name := range slices.Sorted(maps.Keys(operations(clients[service](aws.Config{})))) {
			w := &wire{discover: discovered[service]}
			op := operations(clients[service](w.config("eu-west-1")))[name]
			input := reflect.New(op.Type().In(1).Elem())
			filled(input.Elem(), prefix, "", 0)
			op.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
			if w.sent == nil {
				continue
			}
			q, _ := classify(w.request(t))
			// The SDK writes no JSON for a union without a member.
			if q.Body == nil || q.Operation != name || len(w.body) > 0 && w.body[0] == '{' && !json.Valid(w.body) {
				continue
			}
			read++
			var typed, body awscall.Touches
			typed.Of(awscall.NewOp(service, name, input.Type()), input.Interface(), nil, at)
			bodyOp := awscall.NewBodyOp(q.Service, name)
			assert.LessOrEqual(t, len(bodyOp.Actions), 64, "%s:%s", service, name)
			body.Of(bodyOp, q.Body, nil, at)
			assert.False(t, q.Body.Unclear(), "%s:%s", service, name)
			want, got := touched(&typed), touched(&body)
			assert.Equal(t, want, got, "%s:%s", service, name)
			if len(w.body) == 0 || w.body[0] != '{' {
				continue
			}
			texts++
			// The same members with spaces and in another order, and a body that breaks off.
			var members map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(w.body, &members))
			other, err := json.MarshalIndent(members, "\r", "\t")
			require.NoError(t, err)
			q = w.with(t, other)
			body.Of(bodyOp, q.Body, nil, at)
			assert.False(t, q.Body.Unclear(), "%s:%s", service, name)
			assert.Equal(t, want, touched(&body), "%s:%s", service, name)
			q = w.with(t, other[:len(other)-1-len(members)%3])
			body.Of(bodyOp, q.Body, nil, at)
			assert.True(t, q.Body.Unclear(), "%s:%s", service, name)
		}
	}
	t.Logf("%d bodies, %d of JSON", read, texts)
	assert.Greater(t, read, 2390)
	assert.Greater(t, texts, 1000)
}

// with reads the request as it is with another body.
func (w *wire) with(t *testing.T, body []byte) awscall.Request {
	w.body = body
	r := w.request(t)
	r.ContentLength = int64(len(body))
	q, _ := classify(r)
	require.NotNil(t, q.Body)
	return q
}

// touched returns what is touched, in the order of the texts.
func touched(ts *awscall.Touches) (arns []string) {
	for i := range ts.List {
		t := &ts.List[i]
		arn := t.ARN()
		switch t.State {
		case awscall.Unknown:
			arn = "?"
		case awscall.Nothing:
			arn = "-"
		}
		if t.Actions.Empty() {
			arn = "blacklist " + arn
		}
		arns = append(arns, arn)
	}
	return slices.Compact(slices.Sorted(slices.Values(arns)))
}
