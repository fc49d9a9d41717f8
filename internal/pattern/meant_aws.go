package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/report"
)

// This file guesses which service and operation of AWS a text was meant to name.

// meantOperation returns service:Operation for a text with another character between the two, such
// as sqs.SendMessage; "" for other texts.
func meantOperation(text string) string {
	// The separators of SDKs, consoles and logs: sqs.SendMessage, sqs/SendMessage.
	i := strings.IndexAny(text, "./ _#")
	if i < 0 {
		return ""
	}
	service, operation := text[:i], strings.TrimLeft(text[i+1:], " ")
	prefix, ok := awsops.Service(service)
	// Only if both sides are known: "api.example" is a host.
	if _, known := awsops.Find(prefix, operation); !ok || !known && awsops.Actions(prefix, operation) == "" {
		return ""
	}
	return service + ":" + operation
}

// DottedOperation reports whether a text is an operation with another character than a colon behind
// its service.
func DottedOperation(text string) bool { return meantOperation(text) != "" }

// calledOtherwise are names that people have for services, after each the IAM prefix.
const calledOtherwise = ` stepfunctions:states step-functions:states stepfunction:states elb:elasticloadbalancing alb:elasticloadbalancing ` +
	`nlb:elasticloadbalancing apigw:apigateway api-gateway:apigateway cognito:cognito-idp documentdb:rds aurora:rds msk:kafka elasticsearch:es ` +
	`parameterstore:ssm parameter-store:ssm systemsmanager:ssm systems-manager:ssm monitoring:cloudwatch email:ses efs:elasticfilesystem ` +
	`emr:elasticmapreduce memorydb:memorydb acmpca:acm-pca container-registry:ecr firehoses:firehose kinesis-firehose:firehose vpc:ec2 ` +
	`dynamo:dynamodb ddb:dynamodb secrets:secretsmanager bus:events cwl:logs lambdas:lambda queues:sqs topics:sns `

// meantService returns the service that was meant by a name that the tables do not have; "" if
// that is not clear.
func meantService(name string) string {
	low := strings.ToLower(name)
	// With and without the maker: AmazonSQS, aws-sqs.
	for _, s := range [...]string{low, strings.TrimPrefix(low, "amazon"), strings.TrimPrefix(low, "aws"), strings.TrimPrefix(low, "aws-"), strings.TrimPrefix(low, "amazon-")} {
		if _, prefix, ok := strings.Cut(calledOtherwise, " "+s+":"); ok {
			prefix, _, _ = strings.Cut(prefix, " ")
			return prefix
		}
		if _, known := awsops.Service(s); known && s != "" {
			return s
		}
	}
	return report.Nearest(low, awsops.Services())
}

// nearestService words what was meant by a pattern whose service does not exist.
func nearestService(text string) string {
	name, operation, _ := strings.Cut(text, ":")
	if inner, _, ok := strings.Cut(operation, ":"); ok { // aws:s3:GetObject
		if _, known := awsops.Service(inner); known {
			return "did you mean " + report.Quoted(operation) + "?"
		}
	}
	if near := meantService(name); near != "" {
		return "did you mean " + report.Quoted(near+":"+operation) + "?"
	}
	return "use the service's IAM prefix (\"sqs\", \"logs\") or the name of its SDK package (\"cloudwatchlogs\")"
}

// operationFix says how to write an operation that is written with other characters: several in
// one text, or with its words apart. text is service:operation as written.
func operationFix(text string) string {
	service, operation, _ := strings.Cut(text, ":")
	var list []string
	// "s3:GetObject,PutObject" and "s3:GetObject, s3:PutObject" are lists.
	for _, part := range strings.FieldsFunc(strings.Trim(operation, "[]{}()"), func(r rune) bool { return strings.ContainsRune(",;| ", r) }) {
		own, name, ok := strings.Cut(part, ":")
		if !ok {
			own, name = service, part
		}
		// One part is not an operation: the text is not a list.
		if _, known := awsops.Service(own); !known || strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f || !isAlnum(byte(r)) && r != '*' && r != '?' }) {
			list = nil
			break
		}
		list = append(list, own+":"+name)
	}
	if len(list) > 0 && len(text) <= maxProposed {
		return writeList(list)
	}
	// "aws:s3:GetObject": one word too many in front.
	if _, known := awsops.Service(strings.Split(operation, ":")[0]); known && strings.Contains(operation, ":") {
		return "write " + report.Quoted(operation)
	}
	// "send-message" of the command line is SendMessage.
	joined := ""
	for _, word := range strings.FieldsFunc(operation, func(r rune) bool { return r == '_' || r == '-' }) {
		joined += strings.ToUpper(word[:1]) + word[1:]
	}
	if prefix, ok := awsops.Service(service); ok {
		if _, known := awsops.Find(prefix, joined); known {
			return "write " + report.Quoted(service+":"+joined)
		}
	}
	return "write the SDK's or IAM's name of the operation; only * and ? are wildcards"
}
