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
	if list := MeantAWS(text); list != nil {
		return writeList(list)
	}
	return "write the SDK's or IAM's name of the operation; only * and ? are wildcards"
}

// MeantAWS returns what was probably meant by a text that is not an aws: subject; nil if that is
// not clear.
func MeantAWS(text string) []string {
	if len(text) > maxProposed {
		return nil
	}
	if meant := meantOperation(text); meant != "" {
		return []string{meant}
	}
	service, operation, _ := strings.Cut(text, ":")
	prefix, known := awsops.Service(service)
	switch {
	case operation == "" && known:
		return nil
	// "GetObject" and ":GetObject" leave the service out.
	case service == "" || operation == "":
		return serviceOf(service + operation)
	}
	if list := operationsIn(service, operation); list != nil {
		return list
	}
	// "aws:s3:GetObject": one word too many in front.
	if _, known := awsops.Service(strings.Split(operation, ":")[0]); known && strings.Contains(operation, ":") {
		return []string{operation}
	}
	// "send-message" of the command line is SendMessage.
	joined := ""
	for _, word := range strings.FieldsFunc(operation, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		joined += strings.ToUpper(word[:1]) + word[1:]
	}
	if _, found := awsops.Find(prefix, joined); known && found {
		return []string{service + ":" + joined}
	}
	return nil
}

// operationsIn returns the operations of a list in one text: "s3:GetObject,PutObject" and
// "s3:GetObject, s3:PutObject". It is nil for other texts, and where a word is not an
// operation that the tables have: "s3:Get Object" is one operation.
func operationsIn(service, operation string) (list []string) {
	parts := strings.FieldsFunc(strings.Trim(operation, "[]{}()"), func(r rune) bool { return strings.ContainsRune(",;| ", r) })
	for _, part := range parts {
		own, name, ok := strings.Cut(part, ":")
		if !ok {
			own, name = service, part
		}
		// One part is not an operation: the text is not a list.
		prefix, known := awsops.Service(own)
		if !known || strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f || !isAlnum(byte(r)) && r != '*' && r != '?' }) {
			return nil
		}
		if _, found := awsops.Find(prefix, name); !found && !strings.ContainsAny(name, "*?") && awsops.Actions(prefix, name) == "" && !strings.ContainsAny(operation, ",;|") {
			return nil
		}
		list = append(list, own+":"+name)
	}
	return list
}

// serviceOf returns an operation with its service in front, if it is one of the usual ones and no
// other of them has an operation of that name.
func serviceOf(operation string) (list []string) {
	for _, service := range [...]string{"s3", "dynamodb", "sqs", "sns", "lambda", "kms", "ssm", "secretsmanager", "states", "events", "kinesis", "logs", "sts", "iam", "ec2"} {
		if _, found := awsops.Find(service, operation); found {
			list = append(list, service+":"+operation)
		}
	}
	if len(list) != 1 {
		return nil
	}
	return list
}
