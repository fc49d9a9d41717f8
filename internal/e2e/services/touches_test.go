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

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
)

// What the body of a request names is what the SDK's input names: every operation of every client
// is made, and read both ways.
func TestEveryBodyTouchesWhatItsInputTouches(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	at := &awscall.Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	read := 0
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
		}
	}
	t.Logf("%d bodies", read)
	assert.Greater(t, read, 2390)
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
