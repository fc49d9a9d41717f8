package roles

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

var update = flag.Bool("update", false, "rewrite testdata/*.policy.yaml")

// wrong stands for the check of operations that the command has.
func wrong(_, operation string) (problem, fix string) {
	if strings.HasPrefix(operation, "nosuch") {
		return "is not a known operation or action", ""
	}
	return "", ""
}

// Each file of testdata, and the policy that is made of it with what is left as comments.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	require.NoError(t, err)
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".policy.yaml") || name == "fuzz" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			r := &Reader{Wrong: wrong}
			if strings.HasPrefix(name, "iam") {
				r.Function = "checkout"
			}
			require.NoError(t, r.Read(name, data))
			text, err := r.Policy()
			require.NoError(t, err)
			valid(t, text)
			got := string(text)
			for _, note := range r.Notes() {
				got += "# note: " + note + "\n"
			}
			for _, l := range r.Left() {
				got += fmt.Sprintf("# %s: %s  %s\n#     %s\n", [...]string{"missing", "wider", "uncalled"}[l.Kind], l.Function, l.What, l.Reason)
			}
			golden := strings.TrimSuffix(strings.TrimSuffix(file, ".yaml"), ".json") + ".policy.yaml"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// valid wants a policy that has no faults, and that loads for its functions.
func valid(t *testing.T, text []byte) {
	t.Helper()
	file, err := policy.ParseFile("policy.yaml", text)
	require.NoError(t, err, string(text))
	assert.Empty(t, file.Warnings(), string(text))
	for _, name := range file.Functions() {
		_, err := file.For(policy.Env{Function: strings.ReplaceAll(name, "*", "x"), Getenv: func(string) string { return "" }})
		assert.NoError(t, err, string(text))
	}
}

// What cannot be read is refused with its reason.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "the file is empty"},
		{"a word", "hello", "is not a file that init reads"},
		{"neither", "{a: [", "neither JSON nor YAML"},
		{"a policy", "version: 1\nwhitelist: []", "is not a file that init reads"},
		{"no function", "Resources: {Q: {Type: AWS::SQS::Queue}}", "it has no function"},
		{"no name", `{"Statement": []}`, "name one with -function"},
		{"a trust policy", `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`, "name one with -function"},
		{"too deep", strings.Repeat("[", 500) + strings.Repeat("]", 500), "too deeply nested"},
		{"an alias of itself", "a: &a [*a]", "too deeply nested"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := new(Reader).Read("in", []byte(tt.text))
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
	r := Reader{Function: "f"}
	assert.ErrorContains(t, r.Read("in", []byte(`{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`)), "Principal")
	assert.ErrorContains(t, (&Reader{Function: "a b"}).Read("in", []byte(`{"Statement": []}`)), "not the name of a function")
}

// A Deny whose exceptions cannot all be written makes no rule, which would deny more.
func TestDenyWithAnExceptionThatNoPolicyHas(t *testing.T) {
	for actions, want := range map[string]string{
		`["iam:*", "sts:*"]`:        `except: [iam:*, sts:*]`,
		`["iam:*", "nosuch:Thing"]`: "",
		`"nosuch:Thing"`:            "",
		`"*"`:                       "",
	} {
		r := Reader{Function: "f", Wrong: wrong}
		require.NoError(t, r.Read("in", []byte(`{"Statement": {"Effect": "Deny", "NotAction": `+actions+`, "Resource": "*"}}`)))
		text, err := r.Policy()
		require.NoError(t, err)
		valid(t, text)
		if want == "" {
			assert.NotContains(t, string(text), "*:*", actions)
		} else {
			assert.Contains(t, string(text), want)
		}
	}
}

// Names of resources that differ in case are different, and actions are not.
func TestCase(t *testing.T) {
	r := Reader{Function: "f"}
	require.NoError(t, r.Read("in", []byte(`{"Statement": {"Effect": "Allow", "Action": ["sqs:SendMessage", "SQS:sendmessage"],
		"Resource": ["arn:aws:sqs:eu-west-1:111122223333:orders", "arn:aws:sqs:eu-west-1:111122223333:Orders"]}}`)))
	text, err := r.Policy()
	require.NoError(t, err)
	assert.Contains(t, string(text), "aws: sqs:SendMessage\n")
	assert.Contains(t, string(text), ":orders\n")
	assert.Contains(t, string(text), ":Orders\n")
}

// A policy that is too large is an error, and takes no time.
func TestTooLargeAPolicy(t *testing.T) {
	var b strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&b, `,"arn:aws:sqs:eu-west-1:111122223333:queue-number-%d"`, i)
	}
	r := Reader{Function: "f"}
	require.NoError(t, r.Read("in", []byte(`{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": [`+b.String()[1:]+`]}}`)))
	_, err := r.Policy()
	require.ErrorContains(t, err, "the policy would not be valid")
}

// What is made of any file is a policy without faults.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(data))
	}
	f.Add("Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{S3ReadPolicy: {BucketName: !Ref F}}]}}}")
	f.Add("Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: !If [a, !GetAtt R.Arn, !Ref R]}}, R: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref R}}}")
	f.Add("Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt N.Outputs.R}}, N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x, Parameters: {P: !Ref P}}}}\nOutputs: {R: {Value: !Ref P}}")
	f.Fuzz(func(t *testing.T, text string) {
		// A template may also nest itself.
		open := func(string) ([]byte, error) { return []byte(text), nil }
		r := Reader{Function: "f", Wrong: wrong, Open: open, Params: map[string]string{"AWS::StackName": "shop"}}
		if r.Read("in", []byte(text)) != nil {
			return
		}
		policy, err := r.Policy()
		if err != nil {
			require.NotContains(t, err.Error(), "would not be valid")
			return
		}
		valid(t, policy)
	})
}

// What grants more than the file shows is never left out silently.
func TestGrantsThatStandElsewhere(t *testing.T) {
	for _, c := range []struct{ file, left string }{
		{`Resources:
  Notify:
    Type: AWS::Serverless::Function
    Connectors:
      ToTable: {Properties: {Destination: {Id: Orders}, Permissions: [Write]}}
`, "Notify's connector ToTable"},
		{`service: shop
provider: {name: aws, iam: {role: {statements: ["${file(./more.yml):statement}"]}}}
functions: {pay: {handler: bootstrap}}
`, "${file(./more.yml):statement}"},
		{`Resources:
  Pay:
    Type: AWS::Serverless::Function
    Properties: {Policies: [{Statement: [{"Fn::Transform": {Name: "AWS::Include", Parameters: {Location: "s3://b/s.yaml"}}}]}]}
`, "a statement"},
	} {
		r := &Reader{Wrong: wrong}
		require.NoError(t, r.Read("template.yaml", []byte(c.file)))
		var left []string
		for _, l := range r.Left() {
			left = append(left, l.What)
		}
		assert.Contains(t, left, c.left)
	}
}
