package roles

import (
	"encoding/json"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// iamMatches reports whether a pattern of IAM matches: * is any text, also with slashes.
func iamMatches(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(strings.ReplaceAll(p, "/", "|"), strings.ReplaceAll(text, "/", "|"))
		return ok
	})
}

// iamAllows evaluates a document of IAM, whose actions are in lower case.
func iamAllows(document []map[string]any, action, resource string) (allowed bool) {
	covers := func(st map[string]any, key, text string) bool {
		if list, ok := st[key].([]string); ok {
			return iamMatches(list, text)
		}
		return !iamMatches(st["Not"+key].([]string), text)
	}
	for _, st := range document {
		if !covers(st, "Action", action) || !covers(st, "Resource", resource) {
			continue
		}
		if st["Effect"] == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// What the policy of a random role allows, the role allows too, unless the policy is reported to be
// wider.
func TestPolicyIsNotWiderThanTheRole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := func(all ...string) (picked []string) {
		for range 1 + random.IntN(3) {
			picked = append(picked, all[random.IntN(len(all))])
		}
		return picked
	}
	either := func(not int, key string) string {
		if random.IntN(not) == 0 {
			return "Not" + key
		}
		return key
	}
	type call struct{ service, operation, region, resource string }
	var calls []call
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		for _, operation := range []string{"GetObject", "PutObject", "DeleteObject"} {
			for _, object := range []string{"b/x", "b/y/z", "bb/x", "c/x"} {
				calls = append(calls, call{"s3", operation, region, "arn:aws:s3:::" + object})
			}
		}
		for _, queue := range []string{"111122223333:q", "111122223333:q1", "444455556666:q", "111122223333:other"} {
			calls = append(calls, call{"sqs", "SendMessage", region, "arn:aws:sqs:" + region + ":" + queue}, call{"sqs", "DeleteQueue", region, "arn:aws:sqs:" + region + ":" + queue})
		}
		for _, operation := range []string{"GetItem", "PutItem", "Query", "DeleteTable"} {
			calls = append(calls, call{"dynamodb", operation, region, "arn:aws:dynamodb:" + region + ":111122223333:table/t"})
		}
	}
	judged := 0
	for range 300 {
		var document []map[string]any
		for range 1 + random.IntN(3) {
			document = append(document, map[string]any{
				"Effect":              []string{"Allow", "Allow", "Deny"}[random.IntN(3)],
				either(4, "Action"):   some("s3:getobject", "s3:*", "s3:get*", "s3:?etobject", "sqs:sendmessage", "sqs:*", "dynamodb:getitem", "dynamodb:*item", "dynamodb:query", "*"),
				either(8, "Resource"): some("*", "arn:*", "arn:aws:*:*:*:*", "arn:aws:s3:::*", "arn:aws:s3:::b*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/?", "arn:aws:sqs:*", "arn:aws:sqs:*:*:q", "arn:aws:sqs:eu-west-1:*:*", "arn:aws:sqs:us-east-1:111122223333:q?", "arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:dynamodb:*:111122223333:table/*"),
			})
		}
		text, err := json.Marshal(map[string]any{"Statement": document})
		require.NoError(t, err)
		made, left := read(t, string(text))
		if strings.Contains(left, "wider ") {
			continue
		}
		p, err := policy.Parse("policy.yaml", []byte(made), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err)
		for _, c := range calls {
			d := p.Decide(policy.Call{AWS: policy.AWSCall{Service: c.service, Operation: c.operation, Region: c.region, Resources: []string{c.resource}}})
			if d.Allowed() {
				judged++
				require.True(t, iamAllows(document, strings.ToLower(c.service+":"+c.operation), c.resource), "%s\n%s\n%v", text, made, c)
			}
		}
	}
	assert.Greater(t, judged, 300)
}
