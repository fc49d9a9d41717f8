package roles

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read returns the policy of a file, and what is left as lines.
func read(t *testing.T, files ...string) (policy, left string) {
	t.Helper()
	r := Reader{Function: "f", Wrong: wrong}
	for i, file := range files {
		require.NoError(t, r.Read(fmt.Sprint("in", i), []byte(file)))
	}
	text, err := r.Policy()
	require.NoError(t, err)
	valid(t, text)
	for _, l := range r.Left() {
		left += fmt.Sprintf("%s %s: %s\n", [...]string{"missing", "wider", "uncalled"}[l.Kind], l.What, l.Reason)
	}
	return string(text), left
}

// A statement that limits a role is a rule, or it is left.
func TestNothingThatLimitsIsDropped(t *testing.T) {
	const function = "Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: f, Role: !GetAtt R.Arn}}\n"
	const deny = "{PolicyName: d, PolicyDocument: {Statement: [{Effect: Deny, Action: 's3:DeleteObject', Resource: '*'}]}}"
	for _, tt := range []struct{ name, file, policy, left string }{
		{"a conditional policy", function + "  R: {Type: AWS::IAM::Role, Properties: {Policies: [!If [P, " + deny + ", !Ref AWS::NoValue]]}}", "s3:DeleteObject", ""},
		{"conditional policies", function + "  R: {Type: AWS::IAM::Role, Properties: {Policies: !If [P, [" + deny + "], []]}}", "s3:DeleteObject", ""},
		{"a policy without a document", function + "  R: {Type: AWS::IAM::Role, Properties: {Policies: [!GetAtt X.Y]}}", "", "missing a policy of R: it has no document"},
		{"conditional statements", function + "  R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyDocument: {Statement: !If [P, [{Effect: Deny, Action: 's3:DeleteObject', Resource: '*'}], []]}}]}}", "s3:DeleteObject", ""},
		{"conditional roles", function + "  R: {Type: AWS::IAM::Role}\n  D: {Type: AWS::IAM::Policy, Properties: {Roles: [!If [P, !Ref R, !Ref AWS::NoValue]], PolicyDocument: {Statement: [{Effect: Deny, Action: 's3:DeleteObject', Resource: '*'}]}}}", "s3:DeleteObject", ""},
		{"a role by its name", function + "  R: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub 'x-${AWS::Region}'}}\n  D: {Type: AWS::IAM::Policy, Properties: {Roles: [!Sub 'x-${AWS::Region}'], PolicyDocument: {Statement: [{Effect: Deny, Action: 's3:DeleteObject', Resource: '*'}]}}}", "s3:DeleteObject", ""},
		{"the boundary of a role", function + "  R: {Type: AWS::IAM::Role, Properties: {PermissionsBoundary: x}}", "", "wider its permissions boundary"},
		{"the boundary of all functions", "Globals: {Function: {PermissionsBoundary: !Ref B}}\nResources:\n  F: {Type: AWS::Serverless::Function}", "", "wider its permissions boundary"},
		{"a role on a condition", function + "  R: {Type: AWS::IAM::Role, Condition: P, Properties: {Policies: [" + deny + "]}}", "# the role has it on the template's condition only: P\n", "wider the template's condition P of R: the role has this"},
		{"a policy on a condition", function + "  R: {Type: AWS::IAM::Role}\n  D: {Type: AWS::IAM::Policy, Condition: P, Properties: {Roles: [!Ref R], PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:DeleteObject', Resource: '*'}]}}}", "# the role has it on the template's condition only: P\n      - aws: s3:DeleteObject\n", "wider the template's condition P of D"},
		{"a managed policy on a condition", "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Policies: [!Ref D]}}\n  D: {Type: AWS::IAM::ManagedPolicy, Condition: P, Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:DeleteObject', Resource: '*'}]}}}", "condition only: P\n", "wider the template's condition P of D"},
		{"a policy template on a condition", "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{SQSSendMessagePolicy: {QueueName: q}, Condition: P}]}}}", "condition only: P\n      - aws: sqs:SendMessage*\n", "wider the template's condition P of SQSSendMessagePolicy"},
		{"a statement on a condition of the template", "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{Statement: {Effect: Allow, Action: 's3:DeleteObject', Resource: '*', Condition: P}}]}}}", "on a condition only: P\n      - aws: s3:DeleteObject\n", "wider the condition P: a rule cannot express it"},
		{"a policy of the role that SAM makes", "Resources:\n  F: {Type: AWS::Serverless::Function}\n  D: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref FRole], PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:DeleteObject', Resource: '*'}]}}}", "# from D\n      - aws: s3:DeleteObject\n", ""},
		{"a loop", function + "  R: {Type: AWS::IAM::Role}\n  'Fn::ForEach::L': [x, [a], {'D${x}': " + deny + "}]", "", "missing Fn::ForEach::L: what it adds"},
		{"a serverless boundary", "provider: {iam: {role: {permissionsBoundary: x}}}\nfunctions: {f: {handler: x}}", "", "wider its permissions boundary"},
		{"a function of another file", "provider: {}\nfunctions:\n  f: {handler: x}\n  g: ${file(g.yml)}", "*-f", "missing ${file(g.yml)}: it is in another file"},
		{"functions of another file", "provider: {}\nfunctions:\n  - ${file(g.yml)}\n  - f: {handler: x}", "*-f", "missing ${file(g.yml)}: it is in another file"},
		{"a function without settings", "provider: {}\nfunctions:\n  f: {handler: x}\n  g:", "*-f", "it has no settings"},
		{"an element that is not known", `{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "condition": {"Bool": {"a:b": "true"}}}]}`, "whitelist: []", `missing a statement: its element "condition"`},
		{"a call without TLS", `{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`, "", "wider the condition Bool aws:SecureTransport"},
		{"a call with TLS", `{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": true}}}]}`, "aws: s3:GetObject", ""},
		{"the account in a name", "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{Statement: {Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:aws:s3:::b-${AWS::AccountId}/*'}}]}}}", "b-*/*", "wider arn:aws:s3:::b-*/*: the role has the function's own account"},
		{"two conditions on the region", `{"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}, "StringLike": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}}]}`, "regions: us-east-1\n", "wider the condition StringLike aws:RequestedRegion"},
		{"two conditions on the account", `{"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "111122223333"}, "StringLike": {"aws:ResourceAccount": ["111122223333", "444455556666"]}}}]}`, `accounts: ["111122223333"]`, "wider the condition StringLike aws:ResourceAccount"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			policy, left := read(t, tt.file)
			assert.Contains(t, policy, tt.policy)
			assert.Contains(t, left, tt.left)
			if tt.left == "" {
				assert.Empty(t, left)
			}
		})
	}
}

// A function on a condition has its section, and a note.
func TestFunctionOnACondition(t *testing.T) {
	r := &Reader{}
	require.NoError(t, r.Read("template.yaml", []byte("Resources: {F: {Type: AWS::Serverless::Function, Condition: P}}")))
	assert.Equal(t, []string{"F is in the stack on the condition P only; its section is in the policy anyway"}, r.Notes())
}

// A Deny whose exceptions cannot all be read makes no rule, which would deny more.
func TestDenyWithAnExceptionThatCannotBeRead(t *testing.T) {
	policy, left := read(t, `{"Statement": [{"Effect": "Deny", "NotAction": ["s3:*", "${x}:y"], "Resource": "*"}]}`)
	assert.NotContains(t, policy, "*:*")
	assert.Contains(t, left, "wider a NotAction of a statement")
}

// The rules of functions with one section add up, which no role does.
func TestSectionOfSeveralFunctions(t *testing.T) {
	const template = "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{SQSSendMessagePolicy: {QueueName: %s}}]}}}"
	_, left := read(t, fmt.Sprintf(template, "a"), fmt.Sprintf(template, "b"))
	assert.Contains(t, left, "wider the section: it is for several functions")
}

// An empty list of statements is a role of its own, and not that of the provider.
func TestServerlessInherits(t *testing.T) {
	const file = "provider: {iam: {role: {statements: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}]}}}\nservice: s\nfunctions: {f: {%s}}\ncustom: {%s}"
	for _, tt := range []struct {
		function, custom string
		inherits         bool
	}{
		{"handler: x", "", true},
		{"iamRoleStatements: []", "", false},
		{"iamRoleStatements: [], iamRoleStatementsInherit: true", "", true},
		{"iamRoleStatements: []", "serverless-iam-roles-per-function: {defaultInherit: true}", true},
		{"iamRoleStatements: [], iamRoleStatementsInherit: false", "serverless-iam-roles-per-function: {defaultInherit: true}", false},
	} {
		policy, _ := read(t, fmt.Sprintf(file, tt.function, tt.custom))
		assert.Equal(t, tt.inherits, strings.Contains(policy, "sqs:SendMessage"), tt)
	}
}
