package roles

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The functions of nested stacks are in the policy, and values go in as parameters and out as
// outputs.
func TestNestedTemplates(t *testing.T) {
	files := map[string]string{
		"app/template.yaml": `Resources:
  Data: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./nested/data.yaml, Parameters: {Name: !Sub "${Stage}-orders"}}}
  Functions: {Type: AWS::Serverless::Application, Properties: {Location: nested/functions.yaml, Parameters: {Table: !GetAtt Data.Outputs.Arn, Stage: !Ref Stage, Role: !GetAtt Roles.Outputs.Arn}}}
  Roles: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: nested/roles.yaml}}
  Elsewhere: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://s3.amazonaws.com/b/t.yaml"}}
  Missing: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: missing.yaml}}
  Again: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: template.yaml}}
Parameters: {Stage: {Type: String, Default: dev}}
`,
		"app/nested/data.yaml": `Parameters: {Name: {Type: String}}
Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Ref Name}}}
Outputs: {Arn: {Value: !GetAtt T.Arn}}
`,
		"app/nested/roles.yaml": `Resources:
  R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: !Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-jobs'}]}}]}}
Outputs: {Arn: {Value: !GetAtt R.Arn}}
`,
		"app/nested/functions.yaml": `Parameters: {Table: {Type: String}, Stage: {Type: String, Default: prod}, Role: {Type: String}, Own: {Type: String, Default: own}}
Resources:
  Pay:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "pay-${Stage}"
      Policies: [{Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !Ref Table}, {Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:aws:s3:::${Own}/*'}]}]
  Send: {Type: AWS::Serverless::Function, Properties: {Role: !Ref Role}}
`,
	}
	open := func(file string) ([]byte, error) {
		if text, ok := files[file]; ok {
			return []byte(text), nil
		}
		return nil, errors.New(file + ": no such file")
	}
	r := Reader{Wrong: wrong, Open: open, Params: map[string]string{"AWS::StackName": "shop", "Own": "of the root alone"}}
	require.NoError(t, r.Read("app/template.yaml", []byte(files["app/template.yaml"])))
	// A nested template that is also given by itself changes nothing.
	require.NoError(t, r.Read("app/nested/functions.yaml", []byte(files["app/nested/functions.yaml"])))
	text, err := r.Policy()
	require.NoError(t, err)
	valid(t, text)
	assert.Equal(t, nestedPolicy, string(text))
	var left []string
	for _, l := range r.Left() {
		left = append(left, l.What+": "+l.Reason)
	}
	assert.Contains(t, left, "Missing: its template cannot be read: app/missing.yaml: no such file")
	assert.Contains(t, left, "Again: its template cannot be read: too many templates are nested")
	assert.Contains(t, r.Notes(), "Elsewhere is a template of its own; give it to -from, too")
}

const nestedPolicy = `version: 1
on_violation: alert
functions:
  pay-*:
    whitelist:
      - aws: dynamodb:GetItem
        resources: table/dev-orders
      - aws: s3:GetObject
        resources: arn:aws:s3:::own/*
  "*-Send-*":
    whitelist:
      # from p
      - aws: sqs:SendMessage
        resources: "*-jobs"
`

// A template that gives itself its own values ends.
func TestNestedCycle(t *testing.T) {
	const file = `Parameters: {P: {Type: String}, Role: {Type: String}}
Resources:
  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: t.yaml, Parameters: {P: !GetAtt N.Outputs.P, Role: !GetAtt N.Outputs.Role}}}
  M: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: t.yaml, Parameters: {P: !Ref P, Role: !Ref Role}}}
  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Ref P, Role: !Ref Role}}
Outputs: {P: {Value: !Join ["", [!Ref P, !Ref P]]}, Role: {Value: !If [a, !Ref Role, !GetAtt M.Outputs.Role]}}
`
	r := Reader{Wrong: wrong, Open: func(string) ([]byte, error) { return []byte(file), nil }}
	require.NoError(t, r.Read("t.yaml", []byte(file)))
	_, err := r.Policy()
	require.NoError(t, err)
}
