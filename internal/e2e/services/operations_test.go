package services

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/policy"
)

// seen is a guard that keeps the first call it is asked about and refuses all.
type seen struct{ call policy.Call }

func (s *seen) Check(_ context.Context, c policy.Call) error {
	if s.call.AWS.Service == "" {
		s.call = c
	}
	return &violation{}
}

// unvalidated lets inputs through whose unions are not set: reflection cannot name their members'
// types.
func unvalidated(stack *middleware.Stack) error {
	_, _ = stack.Initialize.Remove("OperationInputValidation")
	return nil
}

// filled is an input with something in every member, down to the sixth level: what is a name, an
// ARN or a URL by its own name, is one.
func filled(v reflect.Value, prefix, name string, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth < 6 {
			v.Set(reflect.New(v.Type().Elem()))
			filled(v.Elem(), prefix, name, depth)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				filled(v.Field(i), prefix, f.Name, depth+1)
			}
		}
	case reflect.Slice:
		if depth < 6 && v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			filled(v.Index(0), prefix, strings.TrimSuffix(name, "s"), depth)
		}
	case reflect.Map:
		if depth < 6 {
			e := reflect.New(v.Type().Elem()).Elem()
			filled(e, prefix, name, depth)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(text(prefix, name)).Convert(v.Type().Key()), e)
		}
	case reflect.String:
		v.SetString(text(prefix, name))
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	}
}

// text is a value that a member of a name might have.
func text(prefix, name string) string {
	lower := strings.ToLower(name)
	switch prefix + ":" + name {
	case "cloudfront:Resource", "lambda:Resource", "elasticache:ResourceName", "logs:Identifier", "logs:ScheduledQueryIdentifier", "iot:Principal",
		"iot:Target", "iam:SerialNumber", "cloudtrail:ResourceId", "cloudtrail:ResourceIdList", "cloudtrail:InsightSource", "ecs:DaemonTaskDefinition", "sts:TargetPrincipal", "ses:ReputationEntityReference":
		return "arn:aws:" + prefix + ":eu-west-1:111122223333:thing/x"
	}
	switch {
	case prefix == "codebuild" && name == "Id":
		return "shop:0a1b"
	case prefix == "codebuild" && strings.HasPrefix(name, "ReportArn"):
		return "arn:aws:codebuild:eu-west-1:111122223333:report/unit:0a1b"
	case prefix == "kinesis" && strings.HasSuffix(lower, "arn"):
		switch name {
		case "ConsumerARN":
			return "arn:aws:kinesis:eu-west-1:111122223333:stream/orders/consumer/mine:1"
		case "ChannelARN":
			return "arn:aws:kinesis:eu-west-1:111122223333:channel/orders"
		}
		return "arn:aws:kinesis:eu-west-1:111122223333:stream/orders"
	case name == "ChecksumAlgorithm":
		return "CRC32"
	case name == "CopySource":
		return "receipts/2026/1.pdf"
	case strings.HasSuffix(lower, "arn"):
		return "arn:aws:" + prefix + ":eu-west-1:111122223333:thing/x"
	case name == "QueueUrl":
		return "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
	case strings.HasSuffix(lower, "s3uri"), name == "OutputLocation", name == "MediaFileUri":
		return "s3://receipts/2026"
	case name == "Statement":
		return `SELECT * FROM "orders"`
	case name == "IdentityPoolId":
		return "eu-west-1:0a1b2c3d"
	case name == "ResourceType":
		return "Parameter"
	case strings.Contains(lower, "email"):
		return "orders@example.com"
	case strings.Contains(lower, "account"), name == "RegistryId":
		return "111122223333"
	case name == "PhoneNumber":
		return "+4930123456"
	}
	return "name-1"
}

// acceptsWhatIsTouched holds that a whitelist may name what a call touches: it is of no wrong kind.
// Of an operation for which IAM has no resource (takes is false), whatever its input names is for
// blacklists alone.
func acceptsWhatIsTouched(t *testing.T, prefix string, op *awscall.Op, touches []awscall.Touch, takes bool) {
	for _, x := range touches {
		if !takes && x.Actions.Empty() {
			continue
		}
		added := true // by a member: a rule for the operation does not mean that
		for i := range op.Actions {
			added = added && !(x.Actions.Has(i) && op.Own(i))
		}
		if added && !x.Actions.Empty() {
			continue
		}
		resource := strings.ReplaceAll(strings.ToValidUTF8(string(x.Resource), "?"), "'", "")
		if x.Open {
			resource += "*"
		}
		if x.State != awscall.Known || x.Service != prefix || strings.Contains(resource, "thing/x") || // which stands for any ARN
			strings.HasPrefix(resource, "Parameter/") { // a type of resource that Route 53 does not have
			continue
		}
		f, err := policy.ParseFile("policy.yaml", []byte("version: 1\nwhitelist:\n- aws: '"+prefix+":"+op.Name+"'\n  resources: ['"+resource+"']\n"))
		if assert.NoError(t, err) {
			for _, w := range f.Warnings() {
				assert.NotContains(t, w.Problem, "can never match")
			}
			assert.Empty(t, f.CheckResources(names.Kinds))
		}
	}
}

// A count is what was seen of one service.
type count struct{ operations, take, known int }

func TestEveryOperation(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	var report strings.Builder
	var all count
	for _, service := range slices.Sorted(maps.Keys(clients)) {
		var n count
		var unknown []string
		g := &seen{}
		client := clients[service](aws.Config{
			Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIARTX3GSDSQAABCDEF", "s", ""), HTTPClient: &nowhere{},
			APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(g), unvalidated},
		})
		ops := operations(client)
		for _, name := range slices.Sorted(maps.Keys(ops)) {
			n.operations++
			prefix, ok := awsops.Service(service)
			require.True(t, ok, service)
			input := reflect.New(ops[name].Type().In(1).Elem())
			filled(input.Elem(), prefix, "", 0)
			g.call = policy.Call{}
			out := ops[name].Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
			c := g.call.AWS
			if !assert.Equal(t, name, c.Operation, "%s:%s: %v", service, name, out[1]) {
				continue
			}
			got, ok := awsops.Service(c.Service)
			assert.True(t, ok && got == prefix, "%s is %s, not %s", c.Service, got, prefix)
			op := awscall.NewOp(c.Service, c.Operation, reflect.TypeOf(c.Input))
			assert.IsType(t, input.Interface(), c.Input)

			entry, inTables := awsops.Find(prefix, name)
			if inTables {
				assert.Equal(t, entry.Level, op.Level, "%s:%s", prefix, name)
			}
			var ts awscall.Touches
			ts.Of(op, c.Input, nil, &awscall.Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"})
			takes := inTables && entry.Takes
			acceptsWhatIsTouched(t, prefix, op, ts.List, !inTables || takes)
			if !takes {
				continue
			}
			n.take++
			if slices.ContainsFunc(ts.List, func(x awscall.Touch) bool { return x.State != awscall.Known }) {
				unknown = append(unknown, name)
			} else {
				n.known++
			}
		}
		fmt.Fprintf(&report, "%s: %d operations, %d take a resource, of %d it is known\n", service, n.operations, n.take, n.known)
		if len(unknown) > 0 {
			fmt.Fprintf(&report, "\tnot of %s\n", strings.Join(unknown, " "))
		}
		all.operations, all.take, all.known = all.operations+n.operations, all.take+n.take, all.known+n.known
	}
	fmt.Fprintf(&report, "all %d services: %d operations, %d take a resource, of %d (%.1f %%) it is known\n",
		len(clients), all.operations, all.take, all.known, 100*float64(all.known)/float64(all.take))
	assert.GreaterOrEqual(t, len(clients), 30)
	assert.Greater(t, 100*all.known, 95*all.take, "share of operations whose resources are known")
	const golden = "testdata/operations.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(report.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), report.String(), "run go test ./services -update")
}
