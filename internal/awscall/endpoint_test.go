package awscall

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEndpoint(t *testing.T) {
	for _, tt := range []struct {
		host, service, region, before string
		ok                            bool
	}{
		{"sqs.eu-west-1.amazonaws.com", "SQS", "eu-west-1", "", true},
		{"sqs.eu-west-1.amazonaws.com", "SNS", "eu-west-1", "", false},
		{"sqs-fips.us-east-1.amazonaws.com", "SQS", "us-east-1", "", true},
		{"sqs.us-east-1.api.aws", "SQS", "us-east-1", "", true},
		{"sqs-fips.us-east-1.api.aws", "SQS", "us-east-1", "", true},
		{"us-east-1.queue.amazonaws.com", "SQS", "us-east-1", "", true},
		{"queue.amazonaws.com", "SQS", "us-east-1", "", true},
		{"sqs.cn-north-1.amazonaws.com.cn", "SQS", "cn-north-1", "", true},
		{"sqs.cn-north-1.api.amazonwebservices.com.cn", "SQS", "cn-north-1", "", true},
		{"sqs.us-gov-west-1.amazonaws.com", "SQS", "us-gov-west-1", "", true},
		{"sqs.us-iso-east-1.c2s.ic.gov", "SQS", "us-iso-east-1", "", true},
		{"sqs.eusc-de-east-1.amazonaws.eu", "SQS", "eusc-de-east-1", "", true},
		{"sqs.eusc-de-east-1.api.amazonwebservices.eu", "SQS", "eusc-de-east-1", "", true},
		{"sqs-fips.us-isob-east-1.api.aws.scloud", "SQS", "us-isob-east-1", "", true},
		{"receipts.s3.eu-isoe-west-1.cloud.adc-e.uk", "S3", "eu-isoe-west-1", "receipts", true},
		{"receipts.s3-us-isof-south-1.csp.hci.ic.gov", "S3", "us-isof-south-1", "receipts", true},
		{"sts.amazonaws.com", "STS", "", "", true},
		{"dynamodb.amazonaws.com", "DynamoDB", "us-east-1", "", true},
		{"dynamodb-fips.amazonaws.com", "DynamoDB", "us-east-1", "", true},
		{"streams.dynamodb.amazonaws.com", "DynamoDB Streams", "us-east-1", "", true},
		{"dynamodb.amazonaws.com.cn", "DynamoDB", "cn-north-1", "", true},
		{"iam-fips.amazonaws.com", "IAM", "", "", true},
		{"iam.us-gov.amazonaws.com", "IAM", "", "", true},
		{"route53.c2s.ic.gov", "Route 53", "", "", true},
		{"global.health.amazonaws.com", "Health", "", "", true},
		{"vpce-0a1b-2c3d.sqs.vpce.amazonaws.com", "SQS", "", "", true},
		{"iam.amazonaws.com", "IAM", "", "", true},
		{"dynamodb.eu-west-1.amazonaws.com", "DynamoDB", "eu-west-1", "", true},
		{"111122223333.ddb.eu-west-1.amazonaws.com", "DynamoDB", "eu-west-1", "111122223333", true},
		{"evil.ddb.eu-west-1.amazonaws.com", "DynamoDB", "eu-west-1", "evil", false},
		{"111122223333.data-kinesis.eu-west-1.amazonaws.com", "Kinesis", "eu-west-1", "111122223333", true},
		{"streams.dynamodb.eu-west-1.amazonaws.com", "DynamoDB Streams", "eu-west-1", "", true},
		{"monitoring.eu-west-1.amazonaws.com", "CloudWatch", "eu-west-1", "", true},
		{"email.eu-west-1.amazonaws.com", "SESv2", "eu-west-1", "", true},
		{"bedrock-runtime.eu-west-1.amazonaws.com", "Bedrock Runtime", "eu-west-1", "", true},
		{"vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com", "SQS", "eu-west-1", "", true},
		{"vpce-0a1b-2c3d-eu-west-1a.sqs.eu-west-1.vpce.amazonaws.com", "SQS", "eu-west-1", "", true},
		{"vpce-0a1b-2c3d.vpce-svc-0a1b.eu-west-1.vpce.amazonaws.com", "SQS", "eu-west-1", "", false},
		{"111122223333.search-ddb.eu-west-1.api.aws", "DynamoDB", "eu-west-1", "111122223333", true},
		{"111122223333.cloudfront-kvs.global.api.aws", "CloudFront KeyValueStore", "", "111122223333", true},
		{"cloudfront-kvs.global.api.aws", "CloudFront KeyValueStore", "", "", true},
		{"acm-acme.eu-west-1.api.aws", "ACM", "eu-west-1", "", true},
		{"cassandra-streams.eu-west-1.api.aws", "KeyspacesStreams", "eu-west-1", "", true},
		{"admin.wickr.eu-west-1.amazonaws.com", "Wickr", "eu-west-1", "", true},
		{"kafka-api.eu-west-1.api.aws", "Kafka", "eu-west-1", "", true},
		{"timestream-ingest.eu-west-1.api.aws", "Timestream Write", "eu-west-1", "", true},
		{"timestream-query-fips.us-east-1.api.aws", "Timestream Query", "us-east-1", "", true},
		{"places.geo.us-gov-west-1.us-gov.api.aws", "Geo Places", "us-gov-west-1", "", true},
		{"us-east-1.signin.aws.amazon.com", "Signin", "us-east-1", "", true},
		{"us-west-2.oauth.signin.aws", "Signin", "us-west-2", "", true},
		{"kinesis-pod2.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "", true},
		{"kinesis-podx.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "", false},
		{"apu0zt8ge6utbndxe.control-kinesis.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "apu0zt8ge6utbndxe", true},
		{"apu0zt8ge6utbndxe.control-kinesis.us-east-1.amazonaws.com", "SQS", "us-east-1", "", false},
		{"af4lwng4k01746835071.xyz.data-kinesis-pod1-fips.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "af4lwng4k01746835071.xyz", true},
		{"af4lwng4k01746835071.wxyz.data-kinesis.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "", false},
		{"af4lwng4k0174683507.xyz.data-kinesis.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "", false},
		{"a.b.c.data-kinesis.us-east-1.amazonaws.com", "Kinesis", "us-east-1", "", false},
		{"abc123.456def.endpoints.email.amazonaws.com", "SESv2", "", "", false},
		{"g-1.us-east-1.neptune-graph.amazonaws.com", "Neptune Graph", "", "", false},
		{"s3.eu-west-1.amazonaws.com", "S3", "eu-west-1", "", true},
		{"s3.amazonaws.com", "S3", "", "", true},
		{"s3-eu-west-1.amazonaws.com", "S3", "eu-west-1", "", true},
		{"s3-fips-us-gov-west-1.amazonaws.com", "S3", "us-gov-west-1", "", true},
		{"receipts.s3-eu-west-1.amazonaws.com", "S3", "eu-west-1", "receipts", true},
		{"receipts.s3.amazonaws.com", "S3", "", "receipts", true},
		{"a.b.s3.eu-west-1.amazonaws.com", "S3", "eu-west-1", "a.b", true},
		{"receipts.s3.dualstack.eu-west-1.amazonaws.com", "S3", "eu-west-1", "receipts", true},
		{"receipts.s3-fips.dualstack.us-east-1.amazonaws.com", "S3", "us-east-1", "receipts", true},
		{"receipts.s3-accelerate.amazonaws.com", "S3", "", "receipts", true},
		{"receipts.s3-accelerate.dualstack.amazonaws.com", "S3", "", "receipts", true},
		{"ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com", "S3", "eu-west-1", "ap-111122223333", true},
		{"ap-111122223333.s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com", "S3", "us-east-1", "ap-111122223333", true},
		{"ol-111122223333.s3-object-lambda.eu-west-1.amazonaws.com", "S3", "eu-west-1", "ol-111122223333", true},
		{"ap-111122223333.op-01ac.s3-outposts.eu-west-1.amazonaws.com", "S3", "eu-west-1", "ap-111122223333.op-01ac", true},
		{"mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", "S3", "", "mfzwi23gnjvgw.mrap.accesspoint", true},
		{"b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "S3", "us-east-1", "b--use1-az4--x-s3", true},
		{"b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "s3express", "us-east-1", "b--use1-az4--x-s3", true},
		{"ap-111122223333.op-01ac.s3-outposts.eu-west-1.amazonaws.com", "s3-outposts", "eu-west-1", "ap-111122223333.op-01ac", true},
		{"ol-111122223333.s3-object-lambda.eu-west-1.amazonaws.com", "s3-object-lambda", "eu-west-1", "ol-111122223333", true},
		{"s3express-control.eu-west-1.amazonaws.com", "s3express", "eu-west-1", "", true},
		{"x.s3express-control.eu-west-1.amazonaws.com", "s3express", "eu-west-1", "x", false},
		{"s3-external-1.amazonaws.com", "S3", "", "", true},
		{"x.mrap.accesspoint.s3-global.eu-west-1.amazonaws.com", "S3", "eu-west-1", "", false},
		{"111122223333.control.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com", "S3", "eu-west-1", "111122223333", true},
		{"ingest-cell2.timestream.eu-west-1.amazonaws.com", "Timestream Write", "eu-west-1", "", true},
		{"ingest-cellx.timestream.eu-west-1.amazonaws.com", "Timestream Write", "eu-west-1", "ingest-cellx", false},
		{"ingest-cell.timestream.eu-west-1.amazonaws.com", "Timestream Write", "eu-west-1", "ingest-cell", false},
		{"111122223333.s3-control.eu-west-1.amazonaws.com", "S3 Control", "eu-west-1", "111122223333", true},
		{"bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com", "S3", "eu-west-1", "", true},
		{"receipts.bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com", "S3", "eu-west-1", "receipts", true},
		{"s3vectors.eu-west-1.api.aws", "S3Vectors", "eu-west-1", "", true},
		{"s3tables.eu-west-1.amazonaws.com", "S3Tables", "eu-west-1", "", true},
		{"s3tables.eu-west-1.amazonaws.com", "S3", "eu-west-1", "", false},
		{"receipts.s3-website-us-east-1.amazonaws.com", "S3", "us-east-1", "", false},
		{"receipts.s3-website.eu-central-1.amazonaws.com", "S3", "eu-central-1", "", false},
		{"evils3.eu-west-1.amazonaws.com", "S3", "eu-west-1", "", false},
		{"x.execute-api.eu-west-1.amazonaws.com", "S3", "eu-west-1", "", false},
		{"x.execute-api.eu-west-1.amazonaws.com", "ApiGatewayManagementApi", "eu-west-1", "x", false},
		{"evil-1234.us-east-1.elb.amazonaws.com", "S3", "", "", false},
		{"abc123.veo.endpoint.events.amazonaws.com", "EventBridge", "", "abc123", false},
		{"dynamodb.us-east-1.evil.com.amazonaws.com", "DynamoDB", "", "dynamodb", false},
	} {
		e, ok := ParseEndpoint(tt.host)
		assert.True(t, ok, tt.host)
		before, ok := e.Of(tt.service)
		assert.Equal(t, tt.ok, ok, tt.host)
		assert.Equal(t, tt.region, e.Region, tt.host)
		if ok {
			assert.Equal(t, tt.before, before, tt.host)
		}
	}
	for _, host := range []string{"evilamazonaws.com", "amazonaws.com", "", "sqs.eu-west-1.amazonaws.com.evil.com", "abc.lambda-url.eu-west-1.on.aws", "api.aws", "x.cloudfront.net"} {
		_, ok := ParseEndpoint(host)
		assert.False(t, ok, host)
	}
}
