package awscall

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What requests name in their bodies and paths.
func TestInputsOfRequests(t *testing.T) {
	const (
		other = "arn:aws:kms:eu-west-1:444455556666:key/1"
		form  = "application/x-www-form-urlencoded"
		json  = "application/x-amz-json-1.1"
	)
	for name, tt := range map[string]struct {
		host, path, target, body string
		want                     string // what follows the fifth colon, "?" for unknown, "!" for unclear, "" for nothing read
	}{
		"json":                      {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName": "orders", "Key": {"TableName": {"S": "x"}}}`, "table/orders"},
		"json, an index":            {"dynamodb", "/", "DynamoDB_20120810.Query", `{"TableName":"orders","IndexName":"by-date"}`, "table/orders/index/by-date"},
		"json, no such member":      {"dynamodb", "/", "DynamoDB_20120810.DeleteTable", `{"TableName":"orders","IndexName":"by-date"}`, "table/orders"},
		"json, keys":                {"dynamodb", "/", "DynamoDB_20120810.BatchGetItem", `{"RequestItems":{"a":{},"b":{}}}`, "table/a table/b"},
		"json, elements":            {"dynamodb", "/", "DynamoDB_20120810.TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"a"}},{"Get":{"TableName":"b"}}]}`, "table/a table/b"},
		"json, statement":           {"dynamodb", "/", "DynamoDB_20120810.ExecuteStatement", `{"Statement":"SELECT * FROM \"orders\""}`, "table/orders"},
		"json, escaped":             {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"Table\u004eame":"ord\u0065rs"}`, "table/orders"},
		"json, twice":               {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName":"orders","TableName":"orders"}`, "!"},
		"json, two spellings":       {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName":"orders","tableName":"payroll"}`, "!"},
		"json, another spelling":    {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"tableName":"orders"}`, "? table/orders"},
		"json, not a text":          {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName":["orders"]}`, "!"},
		"json, null":                {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName":null}`, "?"},
		"json, two":                 {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName":"a"}{"TableName":"b"}`, "!"},
		"json, cut off":             {"dynamodb", "/", "DynamoDB_20120810.GetItem", `{"TableName":"a"`, "!"},
		"json, a list":              {"dynamodb", "/", "DynamoDB_20120810.GetItem", `["TableName"]`, "!"},
		"json, not UTF-8":           {"dynamodb", "/", "DynamoDB_20120810.GetItem", "{\"TableName\":\"\xff\"}", "!"},
		"json, nothing":             {"dynamodb", "/", "DynamoDB_20120810.ListTables", "{}", "-"},
		"json, no body":             {"dynamodb", "/", "DynamoDB_20120810.ListTables", "", ""},
		"json, an ARN":              {"kms", "/", "TrentService.Decrypt", `{"KeyId":"` + other + `"}`, other},
		"json, a default":           {"ecs", "/", "AmazonEC2ContainerServiceV20141113.ListTasks", `{}`, "cluster/default"},
		"json, small letters":       {"ecs", "/", "AmazonEC2ContainerServiceV20141113.StopTask", `{"cluster":"a","task":"b"}`, "task/a/b"},
		"json, capitals":            {"ecs", "/", "AmazonEC2ContainerServiceV20141113.StopTask", `{"Cluster":"a","task":"b"}`, "? task/a/b"},
		"form":                      {"sns", "/", "", "Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aorders&Message=x", "orders"},
		"form, in the query":        {"sns", "/?Action=Publish&TopicArn=arn:aws:sns:eu-west-1:111122223333:orders", "", "", "orders"},
		"form, both":                {"sns", "/?TopicArn=arn:aws:sns:eu-west-1:111122223333:a", "", "Action=Publish&TopicArn=arn:aws:sns:eu-west-1:111122223333:b", "!"},
		"form, twice":               {"sns", "/", "", "Action=Publish&TopicArn=a&TopicArn=b", "!"},
		"form, list":                {"monitoring", "/", "", "Action=DeleteAlarms&AlarmNames.member.1=a&AlarmNames.member.2=b", "alarm:a alarm:b"},
		"form, a queue's path":      {"sqs", "/111122223333/orders", "", "Action=PurgeQueue", "orders"},
		"form, two queues":          {"sqs", "/111122223333/orders", "", "Action=PurgeQueue&QueueUrl=https://sqs.eu-west-1.amazonaws.com/111122223333/payroll", "!"},
		"form, of EC2":              {"ec2", "/", "", "Action=DeleteVolume&VolumeId=vol-1", ""},
		"path":                      {"lambda", "/2015-03-31/functions/charge/invocations", "", "", "function:charge"},
		"path, a version":           {"lambda", "/2015-03-31/functions/charge/invocations?Qualifier=live", "", "", "function:charge:live"},
		"path, an ARN":              {"lambda", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Acharge/invocations", "", "", "function:charge"},
		"model":                     {"bedrock-runtime", "/model/anthropic.claude-v2%3A1/converse", "", "", "foundation-model/anthropic.claude-v2:1"},
		"model, guarded":            {"bedrock-runtime", "/model/anthropic.claude-v2/converse", "", `{"guardrailConfig":{"guardrailIdentifier":"g1"}}`, "foundation-model/anthropic.claude-v2 guardrail/g1"},
		"model, guarded, escaped":   {"bedrock-runtime", "/model/anthropic.claude-v2/converse", "", `{"guardr\u0061ilConfig":{"guardrailIdentifier":"g1"}}`, "foundation-model/anthropic.claude-v2 guardrail/g1"},
		"model, an escape":          {"bedrock-runtime", "/model/anthropic.claude-v2/converse", "", `{"messages":[{"content":[{"text":"a \u003c b"}]}]}`, "foundation-model/anthropic.claude-v2"},
		"always touched":            {"comprehend", "/", "Comprehend_20171127.StartEventsDetectionJob", `{"JobName":"j"}`, "events-detection-job/*"},
		"model, dots":               {"bedrock-runtime", "/model/a/../b/converse", "", "", "!"},
		"model, behind its profile": {"bedrock-runtime", "/model/eu.anthropic.claude-v2/invoke", "", "", "foundation-model/anthropic.claude-v2 inference-profile/eu.anthropic.claude-v2"},
	} {
		r, err := http.NewRequest(http.MethodPost, "https://"+tt.host+".eu-west-1.amazonaws.com"+tt.path, strings.NewReader(tt.body))
		require.NoError(t, err)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/eu-west-1/x/aws4_request, SignedHeaders=host, Signature=0")
		if r.Header.Set("Content-Type", form); tt.target != "" {
			r.Header.Set("Content-Type", json)
			r.Header.Set("X-Amz-Target", tt.target)
		}
		e, _ := ParseEndpoint(r.URL.Host)
		var q Request
		ok := q.FromHTTP(r, []*Endpoint{&e}, true)
		require.True(t, ok, name)
		if q.Body == nil {
			assert.Empty(t, tt.want, name)
			continue
		}
		var ts Touches
		ts.Of(NewBodyOp(q.Service, q.Operation), q.Body, nil, &Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"})
		var got []string
		for i := range ts.List {
			switch x := &ts.List[i]; {
			case q.Body.Unclear():
				got = append(got, "!")
			case x.State == Unknown:
				got = append(got, "?")
			case x.State == Nothing:
				got = append(got, "-")
			case x.Account == "" || x.Account == "111122223333":
				got = append(got, string(x.Resource))
			default:
				got = append(got, x.ARN())
			}
		}
		slices.Sort(got)
		assert.Equal(t, tt.want, strings.Join(slices.Compact(got), " "), name)
	}
}

// A body whose lists have too many combinations is not read to its end.
func TestLongListsInABody(t *testing.T) {
	at := &Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	op := NewBodyOp("glue", "BatchGetTableOptimizer")
	for n, unclear := range map[int]bool{100: false, 1000: true} {
		b := jsonBody(`{"Entries":[` + strings.Repeat(`{"databaseName":"a","tableName":"b"},`, n) + `{}]}`)
		var ts Touches
		ts.Of(op, b, nil, at)
		assert.Equal(t, unclear, b.Unclear(), n)
		assert.Greater(t, ts.read, n)
	}
}

// A body that is too long to be read is left alone, and its operation is known by the header.
func TestALongBodyIsNotRead(t *testing.T) {
	for n, calls := range map[int]int{MostForm: 1, MostForm + 1: 0} {
		text := `{"StreamName":"a","Padding":"` + strings.Repeat("x", n-31) + `"}`
		r, err := http.NewRequest(http.MethodPost, "https://kinesis.eu-west-1.amazonaws.com/", strings.NewReader(text))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecords")
		got, get := 0, r.GetBody
		r.GetBody = func() (io.ReadCloser, error) { got++; return get() }
		e, _ := ParseEndpoint(r.URL.Host)
		var q Request
		ok := q.FromHTTP(r, []*Endpoint{&e}, true)
		assert.True(t, ok)
		assert.Equal(t, "PutRecords", q.Operation)
		assert.Equal(t, n <= MostForm, q.Body != nil, n)
		assert.Equal(t, calls, got, n)
	}
}
