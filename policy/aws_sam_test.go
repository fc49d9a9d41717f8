package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func samTemplate(t *testing.T, file string) *Policy {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	p, err := Parse(filepath.Base(file), text, signedEnv())
	require.NoError(t, err, file)
	return p
}

// Every template loads. Each of its operations is allowed on its resources, and on no others.
func TestSAMTemplates(t *testing.T) {
	files, err := filepath.Glob("testdata/sam/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 81)
	for _, file := range files {
		p := samTemplate(t, file)
		allowed := 0
		assert.False(t, p.Decide(Call{AWS: AWSCall{Service: "iam", Operation: "CreateUser"}}).Allowed(), file)
		for i := range p.rules {
			r := &p.rules[i]
			for _, s := range pattern.AllAWS(r.Subject) {
				name := strings.ReplaceAll(s.Text[strings.Index(s.Text, ":")+1:], "*", "")
				call := AWSCall{Service: s.Service, Operation: name}
				e, known := awsops.Find(s.Service, name)
				what, _ := awsops.NoCall(s.Service, s.Operation)
				if what != "" || !known && r.Resources != nil || r.Resources != nil && awsops.GoesByID(s.Service, name) {
					continue
				}
				if len(r.Resources) == 0 || r.Resources[0] == "*" || !e.Takes {
					if want := r.Resources == nil || r.Resources[0] == "*"; want && strings.Contains(s.Text, "*") == false {
						assert.Equal(t, want, p.Decide(Call{AWS: call}).Allowed(), "%s: %s", file, s.Text)
						allowed++
					}
					continue
				}
				own, other := 0, 0
				for _, resource := range r.Resources {
					if !strings.HasPrefix(resource, "arn:") {
						continue
					}
					arn := strings.ReplaceAll(strings.TrimSuffix(resource, ":*"), "*", "x")
					if s.Service == "secretsmanager" {
						arn = strings.ReplaceAll(resource, "*", "x")
					}
					if call.Resources = []string{arn}; p.Decide(Call{AWS: call}).Allowed() {
						own++
					}
					if call.Resources = []string{arn[:strings.LastIndexAny(arn[:len(arn)-1], ":/")+1] + "0"}; !p.Decide(Call{AWS: call}).Allowed() {
						other++
					}
				}
				assert.NotZero(t, own, "%s: %s is allowed on none of its resources", file, s.Text)
				if own > 0 {
					allowed++
				}
			}
		}
		if base := filepath.Base(file); !strings.HasPrefix(base, "EFSWrite") && !strings.HasPrefix(base, "ElasticsearchHttp") && base != "StepFunctionsCallbackPolicy.yaml" && base != "TextractPolicy.yaml" && base != "RekognitionNoDataAccessPolicy.yaml" {
			assert.NotZero(t, allowed, file) // the others have globs alone, no call of the SDK whose resource is known, or operations that take none
		}
	}
}

// inputOf is an input of the SDK's form: pointers to texts and structs, and lists of texts.
func inputOf(t *testing.T, text string) any {
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &members))
	return structOf(members).Interface()
}

func structOf(members map[string]any) reflect.Value {
	var fields []reflect.StructField
	values := map[string]reflect.Value{}
	for name, v := range members {
		var value reflect.Value
		switch v := v.(type) {
		case map[string]any:
			value = structOf(v)
		case []any:
			list := make([]string, len(v))
			for i := range v {
				list[i] = v[i].(string)
			}
			value = reflect.ValueOf(list)
		default:
			s := v.(string)
			value = reflect.ValueOf(&s)
		}
		name = strings.ToUpper(name[:1]) + name[1:]
		values[name], fields = value, append(fields, reflect.StructField{Name: name, Type: value.Type()})
	}
	input := reflect.New(reflect.StructOf(fields))
	for name, value := range values {
		input.Elem().FieldByName(name).Set(value)
	}
	return input
}

// What the inputs of the services name whose tables are made from models and IAM's data.
func TestSAMTemplatesByInput(t *testing.T) {
	const acm, ecs = "arn:aws:acm:eu-west-1:111122223333:certificate/", "task1"
	for _, tt := range []struct{ template, operation, allowed, refused string }{
		{"AcmGetCertificate", "acm:GetCertificate", `{"CertificateArn":"` + acm + `0a1b2c3d-1111-2222-3333-444455556666"}`, `{"CertificateArn":"` + acm + `other"}`},
		{"CodeCommitCrud", "codecommit:PutFile", `{"repositoryName":"repo1"}`, `{"repositoryName":"repo2"}`},
		{"CodeCommitRead", "codecommit:GetBranch", `{"repositoryName":"repo1"}`, `{"repositoryName":"repo2"}`},
		{"CodePipelineReadOnly", "codepipeline:ListPipelineExecutions", `{"pipelineName":"pipe1"}`, `{"pipelineName":"pipe2"}`},
		{"ElasticMapReduceAddJobFlowSteps", "elasticmapreduce:AddJobFlowSteps", `{"JobFlowId":"j-ABC"}`, `{"JobFlowId":"j-DEF"}`},
		{"ElasticMapReduceCancelSteps", "elasticmapreduce:CancelSteps", `{"ClusterId":"j-ABC"}`, `{"ClusterId":"j-DEF"}`},
		{"ElasticMapReduceModifyInstanceFleet", "elasticmapreduce:ModifyInstanceFleet", `{"ClusterId":"j-ABC"}`, `{"ClusterId":"j-DEF"}`},
		{"ElasticMapReduceModifyInstanceGroups", "elasticmapreduce:ModifyInstanceGroups", `{"ClusterId":"j-ABC"}`, `{"ClusterId":"j-DEF"}`},
		{"ElasticMapReduceSetTerminationProtection", "elasticmapreduce:SetTerminationProtection", `{"JobFlowIds":["j-ABC"]}`, `{"JobFlowIds":["j-ABC","j-DEF"]}`},
		{"ElasticMapReduceTerminateJobFlows", "elasticmapreduce:TerminateJobFlows", `{"JobFlowIds":["j-ABC"]}`, `{"JobFlowIds":["j-DEF"]}`},
		{"PinpointEndpointAccess", "mobiletargeting:GetEndpoint", `{"ApplicationId":"app1","EndpointId":"e"}`, `{"ApplicationId":"app2","EndpointId":"e"}`},
		{"ServerlessRepoReadWriteAccess", "serverlessrepo:GetApplication", `{"ApplicationId":"arn:aws:serverlessrepo:eu-west-1:111122223333:applications/a"}`, `{"ApplicationId":"arn:aws:serverlessrepo:eu-west-1:444455556666:applications/a"}`},
		{"FilterLogEvents", "logs:FilterLogEvents", `{"LogGroupName":"/aws/lambda/x"}`, `{"LogGroupName":"/aws/lambda/y"}`},
		{"SESSendBounce", "ses:SendBounce", `{"BounceSender":"no-reply@example.com"}`, `{"BounceSender":"no-reply@example.org"}`},
		{"EC2CopyImage", "ec2:CopyImage", `{"SourceImageId":"ami-0a1b2c3d"}`, `{"SourceImageId":"ami-0a1b2c3e"}`},
		{"AthenaQuery", "athena:StartQueryExecution", `{"WorkGroup":"wg1","QueryString":"select 1"}`, `{"WorkGroup":"wg2","QueryString":"select 1"}`},
		{"EcsRunTask", "ecs:RunTask", `{"TaskDefinition":"` + ecs + `"}`, `{"TaskDefinition":"task2"}`},
		{"EKSDescribe", "eks:DescribeCluster", `{"name":"c"}`, ""},
	} {
		p := samTemplate(t, "testdata/sam/"+tt.template+"Policy.yaml")
		service, operation, _ := strings.Cut(tt.operation, ":")
		decide := func(input string) Decision {
			return p.Decide(Call{Via: ViaSDK, AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Input: inputOf(t, input)}})
		}
		d := decide(tt.allowed)
		assert.True(t, d.Allowed(), "%s: %s", tt.template, d.Reason)
		if tt.refused != "" {
			assert.False(t, decide(tt.refused).Allowed(), tt.template)
		}
	}
}

// Actions and ids that no rule with resources: can allow are reported when the policy is loaded, in
// both lists.
func TestActionsAndIDsThatNoRuleAllows(t *testing.T) {
	for text, want := range map[string]string{
		"whitelist:\n  - aws: es:ESHttpGet\n":                                                 "https://${DOMAIN_HOST}/**",
		"blacklist:\n  - aws: es:ESHttp*\n":                                                   "https://${DOMAIN_HOST}/**",
		"whitelist:\n  - aws: iam:PassRole\n":                                                 "is checked by AWS",
		"blacklist:\n  - aws: iam:PassRole\n":                                                 "is checked by AWS",
		"whitelist:\n  - {aws: rds-db:connect, resources: \"dbuser:*/app\"}\n":                "write net:",
		"whitelist:\n  - {aws: \"neptune-db:connect\", resources: \"*\"}\n":                   "write http:",
		"whitelist:\n  - aws: neptune-db:*\n":                                                 "",
		"whitelist:\n  - aws: aps:ListAlertManagerSilences\n":                                 "write http:",
		"whitelist:\n  - aws: aps:PutAlertManagerDefinition\n":                                "",
		"blacklist:\n  - aws: kinesisvideo:PutMedia\n":                                        "write http:",
		"whitelist:\n  - aws: logs:CreateLogDelivery\n":                                       "is checked by AWS",
		"whitelist:\n  - aws: logs:CreateDelivery\n":                                          "",
		"whitelist:\n  - aws: sts:GetServiceBearerToken\n":                                    "is checked by AWS",
		"blacklist:\n  - aws: s3:Replicate*\n":                                                "is checked by AWS",
		"whitelist:\n  - {aws: elasticfilesystem:ClientMount, resources: file-system/fs-1}\n": "mounted",
		"whitelist:\n  - {aws: kafka-cluster:Connect, resources: cluster/a/b}\n":              "write net:",
		"whitelist:\n  - {aws: athena:GetQueryExecution, resources: workgroup/a}\n":           "goes by an id",
		"whitelist:\n  - {aws: \"kinesis:Get*\", resources: stream/a}\n":                      "go by an id, which a rule with resources: does not allow: GetRecords",
		"whitelist:\n  - {aws: states:SendTaskSuccess, resources: \"stateMachine:a\"}\n":      "goes by an id",
		"whitelist:\n  - {aws: states:SendTaskSuccess}\n":                                     "",
		"blacklist:\n  - {aws: athena:GetQueryExecution, resources: workgroup/a}\n":           "",
		"whitelist:\n  - {aws: \"dynamodb:*\", resources: table/a}\n":                         "",
	} {
		p, err := Parse("policy.yaml", []byte(text), signedEnv())
		require.NoError(t, err, text)
		if want == "" {
			assert.Empty(t, p.Warnings(), text)
		} else if assert.Len(t, p.Warnings(), 1, text) {
			assert.Contains(t, p.Warnings()[0].String(), want, text)
		}
	}
	p := parsed(t, "whitelist:\n  - {aws: athena:GetQueryExecution, resources: workgroup/a}\n")
	d := p.Decide(Call{AWS: AWSCall{Service: "athena", Operation: "GetQueryExecution"}})
	assert.Contains(t, d.Reason, "goes by an id")
	assert.Equal(t, "- aws: athena:GetQueryExecution", d.Allow)
}
