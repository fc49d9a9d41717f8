package roles

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A connector's permissions are those of its source, or nothing that code calls.
func TestConnectors(t *testing.T) {
	const template = `Resources:
  Pay: {Type: AWS::Serverless::Function, Properties: {FunctionName: pay}, Connectors: {C: {Properties: EMBEDDED}}}
  Old: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13}}
  Orders: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: orders}}
  Flow: {Type: AWS::Serverless::StateMachine, Properties: {Name: flow}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Api: {Type: AWS::Serverless::Api}
  X: {Type: AWS::Serverless::Connector, Condition: IsProd, Properties: ALONE}
`
	const none = "{Destination: {Id: Orders}, Permissions: []}"
	tests := []struct{ name, embedded, alone, policy, left string }{
		{"a table", "{Destination: {Id: Orders}, Permissions: [Read, Write]}", "", "dynamodb:ConditionCheckItem", ""},
		{"the indexes of a table", "{Destination: {Id: Orders}, Permissions: [Write]}", "", "[table/orders, table/orders/index/*]", ""},
		{"executions", "{Destination: {Id: Flow}, Permissions: [Write]}", "", "execution:flow:*", ""},
		{"several destinations", "{Destination: [{Id: Orders}, {Id: Jobs}], Permissions: [Read]}", "", "resources: jobs", ""},
		{"a resource of another stack", "{Destination: {Type: AWS::SNS::Topic, Arn: 'arn:aws:sns:eu-west-1:111122223333:news'}, Permissions: [Write]}", "", "111122223333:news", ""},
		{"a resource by itself", none, "{Source: {Id: Pay}, Destination: {Id: Jobs}, Permissions: [Write]}", "sqs:SendMessage", "wider the template's condition IsProd of X"},
		{"a queue of the function", none, "{Source: {Id: Jobs}, Destination: {Id: Pay}, Permissions: [Read, Write]}", "", "uncalled X: Lambda reads the queue"},
		{"a function of another language", none, "{Source: {Id: Old}, Destination: {Id: Jobs}, Permissions: [Write]}", "", ""},
		{"an API before the function", none, "{Source: {Id: Api}, Destination: {Id: Pay}, Permissions: [Write]}", "", ""},
		{"an API behind the function", "{Destination: {Id: Api}, Permissions: [Write]}", "", "", `missing Pay's connector C: what "Write" on AWS::Serverless::Api grants is not known here`},
		{"a permission that there is not", "{Destination: {Id: Orders}, Permissions: [Admin]}", "", "", `missing Pay's connector C: what "Admin" on AWS::DynamoDB::Table grants`},
		{"a permission with a line break", `{Destination: {Id: Orders}, Permissions: ["Read\n\tdynamodb:GetItem"]}`, "", "", "missing Pay's connector C: what"},
		{"no permission", none, "", "", "missing Pay's connector C: it has no permissions"},
		{"no destination", "{Permissions: [Read]}", "", "", "missing Pay's connector C: what it connects cannot be read"},
		{"a destination that there is not", "{Destination: {Id: Nowhere}, Permissions: [Read]}", "", "", "missing Pay's connector C: its destination cannot be read"},
		{"a role as the source", none, "{Source: {Type: AWS::Lambda::Function, RoleName: r}, Destination: {Id: Jobs}, Permissions: [Write]}", "", "missing X: its source is not a function of the template"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := strings.Replace(template, "EMBEDDED", tt.embedded, 1)
			if tt.alone == "" {
				file = file[:strings.Index(file, "  X:")]
			}
			text, left := read(t, strings.Replace(file, "ALONE", tt.alone, 1))
			assert.Contains(t, text, tt.policy)
			assert.Contains(t, left, tt.left)
			if tt.policy == "" {
				assert.NotContains(t, text, "aws:")
			}
		})
	}
}
