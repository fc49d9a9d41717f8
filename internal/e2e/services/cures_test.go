package services

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/policy"
)

// A form fills inputs: each text is made of its member's name, and one of them is another's.
type form struct {
	prefix string
	other  string   // the place of the text that differs
	places []string // of all texts
}

func (f *form) fill(v reflect.Value, place, name string, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth < 5 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), place, name, depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if m := v.Type().Field(i); m.IsExported() && v.Type() != reflect.TypeFor[time.Time]() {
				f.fill(v.Field(i), place+"."+m.Name, m.Name, depth+1)
			}
		}
	case reflect.Slice:
		if depth < 5 && v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			f.fill(v.Index(0), place+"[]", strings.TrimSuffix(name, "s"), depth)
		}
	case reflect.String:
		f.places = append(f.places, place)
		s := text(f.prefix, name)
		if s == "name-1" {
			s = "my-" + strings.ToLower(name)
		}
		if place == f.other {
			s = another(s)
		}
		v.SetString(s)
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	}
}

// another is a text of the same form that names something else.
func another(s string) string {
	switch {
	case strings.HasSuffix(s, "@example.com"):
		return "orders@example.org"
	case strings.Contains(s, `"orders"`):
		return strings.Replace(s, "orders", "cards", 1)
	case s == "111122223333":
		return "444455556666"
	case strings.Contains(s, ":") && !strings.Contains(s, "arn:") && !strings.Contains(s, "//"):
		return strings.Replace(s, ":", "x:", 1)
	}
	return s + "x"
}

// ofSeveral are operations whose entry allows another value of one member: IAM asks for nothing on
// it, or the entry ends in a * for what the operation makes or all that begins so.
var ofSeveral = map[string]string{
	"ecs:RunTask": ".Cluster", "ecs:StartTask": ".Cluster",
	"s3:PutBucketLogging":                     ".BucketLoggingStatus.LoggingEnabled.TargetPrefix",
	"transcribe:StartCallAnalyticsJob":        ".CallAnalyticsJobName",
	"transcribe:StartMedicalScribeJob":        ".MedicalScribeJobName",
	"transcribe:StartMedicalTranscriptionJob": ".MedicalTranscriptionJobName",
	"transcribe:StartTranscriptionJob":        ".TranscriptionJobName",
}

// The entry that is proposed for a refused call loads, allows the call, and allows none that
// touches something else.
func TestEveryProposalAllowsItsCallAlone(t *testing.T) {
	env := policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"}
	parsed := func(entries string) *policy.Policy {
		p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist:"+entries+"\n"), env)
		require.NoError(t, err, entries)
		return p
	}
	none, at := parsed(" []"), awscall.Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	proposed, others := 0, 0
	for _, service := range slices.Sorted(maps.Keys(clients)) {
		prefix, _ := awsops.Service(service)
		ops := operations(clients[service](aws.Config{}))
		for _, name := range slices.Sorted(maps.Keys(ops)) {
			input := ops[name].Type().In(1)
			op := awscall.NewOp(service, name, input)
			call := func(f *form) (policy.Call, string) {
				in := reflect.New(input.Elem())
				f.fill(in.Elem(), "", "", 0)
				var ts awscall.Touches
				ts.Of(op, in.Interface(), nil, &at)
				var touched strings.Builder
				for i := range ts.List {
					if x := &ts.List[i]; !x.Actions.Empty() {
						touched.WriteString(x.ARN() + x.Owner + " ")
					}
				}
				return policy.Call{AWS: policy.AWSCall{Service: service, Operation: name, Region: "eu-west-1", Input: in.Interface()}}, touched.String()
			}
			f := &form{prefix: prefix}
			c, touched := call(f)
			entry := none.Cure(c, none.Decide(c)).Allow
			if entry == "" || strings.Contains(entry, "thing/x") { // which stands for any ARN
				continue
			}
			proposed++
			p := parsed("\n" + entry)
			assert.True(t, p.Decide(c).Allowed(), "%s:%s: %s", prefix, name, entry)
			for _, place := range f.places {
				c, now := call(&form{prefix: prefix, other: place})
				if now == touched || ofSeveral[prefix+":"+name] == place {
					continue
				}
				others++
				assert.False(t, p.Decide(c).Allowed(), "%s:%s with another %s: %s", prefix, name, place, entry)
			}
		}
	}
	t.Logf("%d proposals, %d other calls", proposed, others)
	assert.Greater(t, proposed, 1500)
	assert.Greater(t, others, 1500)
}
