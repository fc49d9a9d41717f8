package main

import (
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// A shop is the stack of one stage.
type shop struct {
	awscdk.Stack
	stage, build string // build is the folder with what build.sh makes
}

// object is a part of a resource's properties.
type object = map[string]any

func newShop(scope constructs.Construct, stage, build string) *shop {
	s := &shop{awscdk.NewStack(scope, jsii.String("Shop-"+stage), nil), stage, build}
	s.resource("Orders", "AWS::DynamoDB::Table", object{
		"TableName":            "orders-" + stage,
		"BillingMode":          "PAY_PER_REQUEST",
		"AttributeDefinitions": []object{{"AttributeName": "id", "AttributeType": "S"}},
		"KeySchema":            []object{{"AttributeName": "id", "KeyType": "HASH"}},
	})
	s.resource("AlarmTopic", "AWS::SNS::Topic", object{})
	// A change of the policy is a new version of the layer: the functions get it when they are
	// deployed, and their code stays as it is.
	s.resource("Policy", "AWS::Lambda::LayerVersion", object{
		"Content":     s.code("layer"),
		"Description": "the policy of all functions' calls, in /opt/policies",
	})
	s.function("checkout", "dynamodb:GetItem", "dynamodb:PutItem")
	s.function("refund", "dynamodb:UpdateItem")
	// The line of each violation is a metric in CloudWatch's embedded format. This alarm is for all
	// functions of the account and region.
	s.resource("CallsBlocked", "AWS::CloudWatch::Alarm", object{
		"AlarmDescription":   "Outguard refused a call",
		"Namespace":          "Outguard",
		"MetricName":         "Violations",
		"Dimensions":         []object{{"Name": "Stage", "Value": stage}, {"Name": "Verdict", "Value": "block"}},
		"Statistic":          "Sum",
		"Period":             60,
		"EvaluationPeriods":  1,
		"Threshold":          1,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold",
		"TreatMissingData":   "notBreaching",
		"AlarmActions":       []object{ref("AlarmTopic")},
	})
	return s
}

// function adds a function with the layer of the policy, and a role for actions on the table.
func (s *shop) function(name string, actions ...string) {
	id := strings.ToUpper(name[:1]) + name[1:]
	s.resource(id+"Role", "AWS::IAM::Role", object{
		"AssumeRolePolicyDocument": object{"Version": "2012-10-17", "Statement": []object{
			{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": "lambda.amazonaws.com"}},
		}},
		"ManagedPolicyArns": []string{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
		"Policies": []object{{"PolicyName": "orders", "PolicyDocument": object{"Version": "2012-10-17", "Statement": []object{
			{"Effect": "Allow", "Action": actions, "Resource": attribute("Orders", "Arn")},
		}}}},
	})
	s.resource(id, "AWS::Lambda::Function", object{
		"FunctionName":  name + "-" + s.stage,
		"Runtime":       "provided.al2023",
		"Architectures": []string{"arm64"},
		"Handler":       "bootstrap",
		"Timeout":       10,
		"Code":          s.code(name),
		"Layers":        []object{ref("Policy")},
		"Role":          attribute(id+"Role", "Arn"),
		"Environment": object{"Variables": object{
			"STAGE":           s.stage,
			"TABLE":           ref("Orders"),
			"OUTGUARD_POLICY": "/opt/policies/policy.yaml",
			// One metric for all functions: an alarm on it needs no edit when a function is added.
			"OUTGUARD_METRICS": "aggregate",
		}},
	})
}

// resource adds a resource of CloudFormation.
func (s *shop) resource(id, kind string, properties object) {
	awscdk.NewCfnResource(s.Stack, jsii.String(id), &awscdk.CfnResourceProps{Type: jsii.String(kind), Properties: &properties})
}

// code uploads a folder of the build, and returns where it will be.
func (s *shop) code(name string) object {
	staged := awscdk.NewAssetStaging(s.Stack, jsii.String(name+"-files"), &awscdk.AssetStagingProps{
		SourcePath: jsii.String(filepath.Join(s.build, name)),
	})
	at := s.Synthesizer().AddFileAsset(&awscdk.FileAssetSource{
		FileName:   staged.RelativeStagedPath(s.Stack),
		SourceHash: staged.AssetHash(),
		Packaging:  awscdk.FileAssetPackaging_ZIP_DIRECTORY,
	})
	return object{"S3Bucket": at.BucketName, "S3Key": at.ObjectKey}
}

func ref(id string) object { return object{"Ref": id} }

func attribute(id, name string) object { return object{"Fn::GetAtt": []string{id, name}} }
