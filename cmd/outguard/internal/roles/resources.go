package roles

import (
	"fmt"
	"strings"
)

// resourceTypes are the types of resources whose names and ARNs statements refer to. Each line has
// the type, the property with its name, what Ref returns (name or arn), how CloudFormation names
// one without a name (stack: STACK-LOGICALID-RANDOM; lower: the same in lower case; id: not at all;
// secret, parameter: as these services do), and its ARN behind arn:PARTITION:, in which ~ is the
// own region or account and % the name.
var resourceTypes = parseResourceTypes(`
AWS::ApiGateway::RestApi - name id -
AWS::ApiGatewayV2::Api - name id -
AWS::AppSync::GraphQLApi - arn id appsync:~:~:apis/%
AWS::Athena::WorkGroup Name name stack athena:~:~:workgroup/%
AWS::Batch::JobQueue JobQueueName arn stack batch:~:~:job-queue/%
AWS::CloudFront::Distribution - name id cloudfront::~:distribution/%
AWS::CodeBuild::Project Name name stack codebuild:~:~:project/%
AWS::CodePipeline::Pipeline Name name stack codepipeline:~:~:%
AWS::Cognito::IdentityPool - name id cognito-identity:~:~:identitypool/%
AWS::Cognito::UserPool - name id cognito-idp:~:~:userpool/%
AWS::DynamoDB::GlobalTable TableName name stack dynamodb:~:~:table/%
AWS::DynamoDB::Table TableName name stack dynamodb:~:~:table/%
AWS::ECR::Repository RepositoryName name lower ecr:~:~:repository/%
AWS::ECS::Cluster ClusterName name stack ecs:~:~:cluster/%
AWS::ECS::TaskDefinition Family arn stack ecs:~:~:task-definition/%:*
AWS::Elasticsearch::Domain DomainName name lower es:~:~:domain/%
AWS::EFS::AccessPoint - name id elasticfilesystem:~:~:access-point/%
AWS::EFS::FileSystem - name id elasticfilesystem:~:~:file-system/%
AWS::Events::EventBus Name name stack events:~:~:event-bus/%
AWS::Events::Rule Name name stack events:~:~:rule/%
AWS::IAM::Role RoleName name stack iam::~:role/%
AWS::KMS::Alias AliasName name id kms:~:~:%
AWS::KMS::Key - name id kms:~:~:key/%
AWS::Kinesis::Stream Name name stack kinesis:~:~:stream/%
AWS::KinesisFirehose::DeliveryStream DeliveryStreamName name stack firehose:~:~:deliverystream/%
AWS::Lambda::Function FunctionName name stack lambda:~:~:function:%
AWS::Location::PlaceIndex IndexName name id geo:~:~:place-index/%
AWS::Logs::LogGroup LogGroupName name stack logs:~:~:log-group:%:*
AWS::OpenSearchService::Domain DomainName name lower es:~:~:domain/%
AWS::RDS::DBCluster DBClusterIdentifier name lower rds:~:~:cluster:%
AWS::RDS::DBInstance DBInstanceIdentifier name lower rds:~:~:db:%
AWS::Route53::HostedZone - name id route53:::hostedzone/%
AWS::S3::Bucket BucketName name lower s3:::%
AWS::SNS::Topic TopicName arn stack sns:~:~:%
AWS::SQS::Queue QueueName url stack sqs:~:~:%
AWS::SSM::Parameter Name name parameter ssm:~:~:parameter/%
AWS::SageMaker::Endpoint EndpointName arn stack sagemaker:~:~:endpoint/%
AWS::Scheduler::ScheduleGroup Name name stack scheduler:~:~:schedule-group/%
AWS::SecretsManager::Secret Name arn secret secretsmanager:~:~:secret:%
AWS::Serverless::Api - name id -
AWS::Serverless::Function FunctionName name stack lambda:~:~:function:%
AWS::Serverless::HttpApi - name id -
AWS::Serverless::SimpleTable TableName name stack dynamodb:~:~:table/%
AWS::Serverless::StateMachine Name arn stack states:~:~:stateMachine:%
AWS::StepFunctions::StateMachine StateMachineName arn stack states:~:~:stateMachine:%
`)

// A resourceType is a line of resourceTypes.
// The zero value is not a type: callers look it up with ok.
type resourceType struct{ property, ref, named, arn string }

// parseResourceTypes panics on a line with fewer than five fields, when the program starts.
func parseResourceTypes(text string) map[string]resourceType {
	all := map[string]resourceType{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := strings.Fields(line)
		all[f[0]] = resourceType{f[1], f[2], f[3], f[4]}
	}
	return all
}

// longestID is how much of a logical id stays in a generated name when names grow too long.
// CloudFormation shortens the logical id, and the random part stays.
const longestID = 24

// names returns the names that a resource may have.
// The second result says why there is none: it is not empty if the type is not in resourceTypes, or
// if the given name cannot be evaluated.
func (s *scope) names(logical string) ([]string, string) {
	t := s.root.get("Resources", logical)
	typ, ok := resourceTypes[t.get("Type").str()]
	if !ok {
		return nil, fmt.Sprintf("%s is an %s, whose name is not known here", shorten(logical), shorten(t.get("Type").str()))
	}
	if given := t.get("Properties", typ.property); given != nil {
		// {"BucketName": {"Fn::Sub": "${Env}-receipts"}}: as the template gives it.
		return s.deeper().texts(given)
	}
	return []string{s.generated(logical, typ.named)}, ""
}

// generated returns a glob for the name that CloudFormation makes of a logical id.
func (s *scope) generated(logical, named string) string {
	// The end "-*" needs the whole id: where it is cut, more of the id may follow.
	id, end := logical, "-*"
	if len(id) > longestID {
		id, end = id[:longestID], "*"
	}
	stack := "*"
	if s.r != nil && s.outer == nil && s.r.Params["AWS::StackName"] != "" {
		// -param AWS::StackName=orders makes orders-Table-* of *-Table-*.
		stack = s.r.Params["AWS::StackName"]
	}
	switch named {
	// orders-Table-1A2B3C4D5E6F
	case "stack":
		return stack + "-" + id + end
	// orders-receipts-1a2b3c4d5e6f: buckets and databases allow no upper case.
	case "lower":
		return strings.ToLower(stack + "-" + id + end)
	// ReceiptsKey-a1B2c3D4e5F6
	case "secret":
		return id + end
	// CFN-ApiKey-a1B2c3D4e5F6
	case "parameter":
		return "CFN-" + id + end
	}
	// The service makes the whole name, as API Gateway does with a1b2c3d4e5.
	return "*"
}

// attribute evaluates Fn::GetAtt, and Ref with attr "".
func (s *scope) attribute(logical, attr string) ([]string, string) {
	if all, why, ok := s.output(logical, attr); ok {
		return all, why
	}
	t := s.root.get("Resources", logical)
	if t == nil {
		return nil, fmt.Sprintf("%q is not defined in the template", shorten(logical))
	}
	// A connector has no physical resource, and what Fn::Transform adds has no type in the file.
	if role := t.get("Type").str(); attr == "" && (role == "AWS::Serverless::Connector" || role == "") {
		return nil, fmt.Sprintf("%s has no name", shorten(logical))
	}
	names, why := s.names(logical)
	if why != "" {
		return nil, why
	}
	typ := resourceTypes[t.get("Type").str()]
	switch {
	// SQS is the exception: Ref returns https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.
	case attr == "" && typ.ref == "url":
		return nil, fmt.Sprintf("Ref of %s is a URL, and not a name or an ARN", shorten(logical))
	// These attributes are the id that an ARN ends in. ECR's RepositoryUri is one of a host, but
	// ends in the name too.
	case attr == "" && typ.ref == "name", attr == "Id" || attr == "KeyId" || attr == "RepositoryUri", attr == typ.property || attr == "Name":
		return names, ""
	// arn:aws:dynamodb:…:table/orders/stream/2026-01-01T00:00:00.000
	case attr == "StreamArn" && strings.HasPrefix(typ.arn, "dynamodb"):
		typ.arn += "/stream/*"
	// Arn, TopicArn, LoadBalancerARN: every spelling of it is the ARN. Others, such as DomainName,
	// are in no statement.
	case attr != "" && !strings.HasSuffix(attr, "Arn") && !strings.HasSuffix(attr, "ARN"):
		return nil, fmt.Sprintf("%s.%s cannot be evaluated here", shorten(logical), shorten(attr))
	}
	// API Gateway's ARNs, for one, depend on the stage and method and not on the id alone.
	if typ.arn == "-" {
		return nil, fmt.Sprintf("the ARN of %s is not known here", shorten(logical))
	}
	var all []string
	for _, name := range names {
		all = append(all, arnOf(typ.arn, name))
	}
	return all, ""
}

// arnOf puts a name into the ARN of a type.
func arnOf(form, name string) string {
	// A parameter's name begins with a slash, its ARN has one only: parameter/orders/key.
	if strings.HasPrefix(form, "ssm:") {
		name = strings.TrimPrefix(name, "/")
	}
	head, rest := form[:cutARN(form)], form[cutARN(form):]
	// A form is SERVICE:REGION:ACCOUNT:RESOURCE. S3's has no region and no account: s3:::%.
	parts := strings.Split(head, ":")
	if parts[1] == "~" {
		parts[1] = ownRegion
	}
	if parts[2] == "~" {
		parts[2] = ownAccount
	}
	return "arn:" + ownPartition + ":" + strings.Join(parts[:3], ":") + ":" + strings.Replace(rest, "%", name, 1)
}

// cutARN returns where the resource begins in an ARN without arn:PARTITION:.
// "dynamodb:~:~:table/%" is cut before "table".
func cutARN(form string) int {
	n := 0
	for i := range len(form) {
		if form[i] == ':' {
			if n++; n == 3 {
				return i + 1
			}
		}
	}
	return len(form)
}
