package services

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// A ruling is what a rule says to a call; rule is its YAML, in a list of its own.
type ruling struct {
	rule    string
	call    policy.AWSCall
	allowed bool
}

func hold(t *testing.T, list string, rulings []ruling) {
	for _, r := range rulings {
		p, err := policy.Parse("policy.yaml", []byte(fmt.Sprintf("version: 1\non_violation: block\n%s: [{%s}]\n", list, r.rule)),
			policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err, r.rule)
		d := p.Decide(policy.Call{AWS: r.call})
		assert.Equal(t, r.allowed, d.Allowed(), "%s %s: %s:%s %+v\n%s", list, r.rule, r.call.Service, r.call.Operation, r.call.Resources, d.Reason)
	}
}

func str(s string) *string { return &s }

// An operation on an object's version takes the version's action. The action on the object is
// also the name of the operation, so that it names both.
func TestVersions(t *testing.T) {
	s3Call := func(operation string, input any) policy.AWSCall {
		return policy.AWSCall{Service: "S3", Operation: operation, Input: input}
	}
	get := s3Call("GetObject", &s3.GetObjectInput{Bucket: str("bucket"), Key: str("k")})
	getVersion := s3Call("GetObject", &s3.GetObjectInput{Bucket: str("bucket"), Key: str("k"), VersionId: str("null")})
	headVersion := s3Call("HeadObject", &s3.HeadObjectInput{Bucket: str("bucket"), Key: str("k"), VersionId: str("v")})
	remove := s3Call("DeleteObject", &s3.DeleteObjectInput{Bucket: str("bucket"), Key: str("k")})
	removeVersion := s3Call("DeleteObject", &s3.DeleteObjectInput{Bucket: str("bucket"), Key: str("k"), VersionId: str("v")})
	behind := s3Call("GetObject", &s3.GetObjectInput{Bucket: str("arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/ap"), Key: str("k"), VersionId: str("v")})
	copyOf := func(source string) policy.AWSCall {
		return s3Call("CopyObject", &s3.CopyObjectInput{Bucket: str("bucket"), Key: str("k"), CopySource: str(source)})
	}
	batch := func(versions ...string) policy.AWSCall {
		in := &s3.DeleteObjectsInput{Bucket: str("bucket"), Delete: &s3types.Delete{}}
		for i, v := range versions {
			o := s3types.ObjectIdentifier{Key: str(fmt.Sprint("k", i))}
			if v != "" {
				o.VersionId = str(v)
			}
			in.Delete.Objects = append(in.Delete.Objects, o)
		}
		return s3Call("DeleteObjects", in)
	}
	hold(t, "whitelist", []ruling{
		{`aws: "s3:GetObject"`, get, true},
		{`aws: "s3:GetObject"`, getVersion, true},
		{`aws: "s3:GetObject"`, headVersion, true},
		{`aws: "s3:GetObject", resources: "bucket/*"`, getVersion, true},
		{`aws: "s3:HeadObject"`, headVersion, true},
		{`aws: "s3:HeadObject"`, getVersion, false},
		{`aws: "s3:GetObjectVersion"`, get, false},
		{`aws: "s3:GetObjectVersion"`, getVersion, true},
		{`aws: "s3:GetObjectVersion"`, headVersion, true},
		{`aws: "s3:*", except: "s3:GetObjectVersion"`, get, true},
		{`aws: "s3:*", except: "s3:GetObjectVersion"`, getVersion, false},
		{`aws: "s3:*", except: "s3:GetObject"`, headVersion, false},
		{`aws: "s3:*", except: "s3:DeleteObjectVersion"`, remove, true},
		{`aws: "s3:*", except: "s3:DeleteObjectVersion"`, removeVersion, false},
		{`aws: "s3:*", except: "s3:DeleteObjectVersion"`, batch("", ""), true},
		{`aws: "s3:*", except: "s3:DeleteObjectVersion"`, batch("", "v"), false},
		{`aws: "s3:*", except: "s3:DeleteObjectVersion"`, policy.AWSCall{Service: "s3", Operation: "DeleteObjects", Resources: []string{"arn:aws:s3:::bucket/k"}}, false},
		{`aws: "s3:DeleteObject"`, policy.AWSCall{Service: "s3", Operation: "DeleteObjects", Resources: []string{"arn:aws:s3:::bucket/k"}}, true},
		{`aws: "s3:*", except: "s3:GetObjectVersion"`, copyOf("bucket/k0"), true},
		{`aws: "s3:*", except: "s3:GetObjectVersion"`, copyOf("bucket/k0?versionId=v"), false},
		{`aws: ["s3:PutObject", "s3:GetObjectVersion"]`, copyOf("bucket/k0?versionId=v"), true},
		{`aws: ["s3:PutObject", "s3:GetObjectVersion"]`, copyOf("bucket/k0"), false},
		{`aws: "s3:*", except: "s3:GetObjectVersionTagging"`, s3Call("GetObjectTagging", &s3.GetObjectTaggingInput{Bucket: str("bucket"), Key: str("k"), VersionId: str("v")}), false},
		{`aws: "s3-object-lambda:GetObjectVersion"`, behind, true},
		{`aws: "s3-object-lambda:GetObject"`, behind, true},
		{`aws: "s3:GetObjectVersion"`, behind, false},
		{`aws: "s3:GetObject"`, policy.AWSCall{Service: "s3", Operation: "GetObjectVersion", Resources: []string{"arn:aws:s3:::bucket/k"}}, true},
	})
	hold(t, "blacklist", []ruling{
		{`aws: "s3:GetObjectVersion"`, get, true},
		{`aws: "s3:GetObjectVersion"`, getVersion, false},
		{`aws: "s3:GetObject"`, getVersion, false},
		{`aws: "s3:GetObject"`, headVersion, false},
		{`aws: "s3:DeleteObjectVersion"`, remove, true},
		{`aws: "s3:DeleteObjectVersion"`, removeVersion, false},
		{`aws: "s3:DeleteObjectVersion"`, batch("", ""), true},
		{`aws: "s3:DeleteObjectVersion"`, batch("", "v", ""), false},
		{`aws: "s3:DeleteObjectVersion", resources: "bucket/k0"`, batch("", "v", ""), true},
		{`aws: "s3:DeleteObjectVersion", resources: "bucket/k1"`, batch("", "v", ""), false},
		{`aws: "s3:DeleteObjectVersion", resources: "bucket/k2"`, batch("", "v", ""), true},
		{`aws: "s3:GetObjectVersion"`, copyOf("bucket/k0?versionId=v"), false},
		{`aws: "s3:PutObjectVersionAcl"`, s3Call("PutObjectAcl", &s3.PutObjectAclInput{Bucket: str("bucket"), Key: str("k"), VersionId: str("v")}), false},
		{`aws: "s3:GetObjectVersionAttributes"`, s3Call("GetObjectAttributes", &s3.GetObjectAttributesInput{Bucket: str("bucket"), Key: str("k"), VersionId: str("v")}), false},
	})
}

// The same of requests that no SDK makes.
func TestVersionsOfRequests(t *testing.T) {
	for _, tt := range []struct {
		list, rule, method, url string
		header                  string // a copy source, or an owner
		allowed                 bool
	}{
		{"blacklist", `aws: "s3:GetObjectVersion"`, "GET", "/k?versionId=v", "", false},
		{"blacklist", `aws: "s3:GetObjectVersion"`, "GET", "/k", "", true},
		{"blacklist", `aws: "s3:DeleteObjectVersion"`, "DELETE", "/k?versionId=v", "", false},
		{"blacklist", `aws: "s3:GetObjectVersion"`, "PUT", "/k", "/bucket/k0?versionId=v", false},
		{"blacklist", `aws: "s3:GetObjectVersion"`, "PUT", "/k", "/bucket/k0", true},
		{"whitelist", `aws: "s3:GetObject", resources: "bucket/*"`, "GET", "/k?versionId=v", "", true},
		{"whitelist", `aws: "s3:HeadObject", resources: "bucket/*"`, "GET", "/k?versionId=v", "", false},
		{"whitelist", `aws: "s3:*", except: "s3:DeleteObjectVersion"`, "DELETE", "/k?versionId=v", "", false},
		{"whitelist", `aws: "s3:*", except: "s3:DeleteObjectVersion"`, "DELETE", "/k", "", true},
		{"whitelist", `aws: "s3:*", accounts: ["222233334444"]`, "GET", "/k", "222233334444", true},
		{"whitelist", `aws: "s3:*", accounts: ["222233334444"]`, "GET", "/k", "", false},
		{"whitelist", `aws: "s3:*", accounts: [self]`, "GET", "/k", "222233334444", false},
	} {
		p, err := policy.Parse("policy.yaml", []byte(fmt.Sprintf("version: 1\non_violation: block\n%s: [{%s}]\n", tt.list, tt.rule)),
			policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err)
		r, err := http.NewRequest(tt.method, "https://bucket.s3.eu-west-1.amazonaws.com"+tt.url, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+ownKey+"/20261124/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0")
		if tt.method == "PUT" {
			r.Header.Set("X-Amz-Copy-Source", tt.header)
		} else if tt.header != "" {
			r.Header.Set("X-Amz-Expected-Bucket-Owner", tt.header)
		}
		d := p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport})
		assert.Equal(t, tt.allowed, d.Allowed(), "%s %s: %s %s %s\n%s", tt.list, tt.rule, tt.method, tt.url, tt.header, d.Reason)
	}
}

// A batch is what it is a batch of, for a blacklist. IAM has actions of their own for them, and a
// whitelist goes by these.
func TestBatches(t *testing.T) {
	write := policy.AWSCall{Service: "DynamoDB", Operation: "BatchWriteItem", Input: &dynamodb.BatchWriteItemInput{RequestItems: map[string][]dynamodbtypes.WriteRequest{
		"orders": {{PutRequest: &dynamodbtypes.PutRequest{}}, {PutRequest: &dynamodbtypes.PutRequest{}}},
		"carts":  {{PutRequest: &dynamodbtypes.PutRequest{}}, {DeleteRequest: &dynamodbtypes.DeleteRequest{}}},
	}}}
	read := policy.AWSCall{Service: "DynamoDB", Operation: "BatchGetItem", Input: &dynamodb.BatchGetItemInput{RequestItems: map[string]dynamodbtypes.KeysAndAttributes{"orders": {}}}}
	records := policy.AWSCall{Service: "Kinesis", Operation: "PutRecords", Input: &kinesis.PutRecordsInput{StreamName: str("app")}}
	unknown := policy.AWSCall{Service: "dynamodb", Operation: "BatchWriteItem"}
	hold(t, "blacklist", []ruling{
		{`aws: "dynamodb:DeleteItem"`, write, false},
		{`aws: "dynamodb:DeleteItem", resources: table/carts`, write, false},
		{`aws: "dynamodb:DeleteItem", resources: table/orders`, write, true},
		{`aws: "dynamodb:PutItem", resources: table/orders`, write, false},
		{`aws: "dynamodb:UpdateItem"`, write, true},
		{`aws: "dynamodb:*", except: "dynamodb:BatchWriteItem"`, write, true},
		{`aws: "dynamodb:*", access: read`, write, true},
		{`aws: "dynamodb:DeleteItem"`, unknown, false},
		{`aws: "dynamodb:GetItem"`, read, false},
		{`aws: "dynamodb:GetItem"`, policy.AWSCall{Service: "dynamodb", Operation: "BatchGetItem"}, false},
		{`aws: "kinesis:PutRecord"`, records, false},
		{`aws: "kinesis:PutRecords"`, policy.AWSCall{Service: "Kinesis", Operation: "PutRecord"}, true},
		{`aws: "ssm:GetParameter"`, policy.AWSCall{Service: "SSM", Operation: "GetParametersByPath", Input: &ssm.GetParametersByPathInput{Path: str("/prod")}}, false},
		{`aws: "ssm:GetParameter", resources: parameter/dev/x`, policy.AWSCall{Service: "SSM", Operation: "GetParametersByPath", Input: &ssm.GetParametersByPathInput{Path: str("/prod")}}, true},
		{`aws: "secretsmanager:GetSecretValue"`, policy.AWSCall{Service: "secretsmanager", Operation: "BatchGetSecretValue"}, false},
		{`aws: "glue:DeleteTable"`, policy.AWSCall{Service: "glue", Operation: "BatchDeleteTable"}, false},
		{`aws: "firehose:PutRecord"`, policy.AWSCall{Service: "firehose", Operation: "PutRecordBatch"}, false},
	})
	hold(t, "whitelist", []ruling{
		{`aws: "dynamodb:DeleteItem"`, write, false},
		{`aws: ["dynamodb:DeleteItem", "dynamodb:PutItem"]`, write, false},
		{`aws: "dynamodb:BatchWriteItem"`, write, true},
		{`aws: "dynamodb:GetItem"`, read, false},
		{`aws: "kinesis:PutRecord"`, records, false},
	})
}

// Whose resource it is, where a member says so.
func TestOwners(t *testing.T) {
	const self, other, both = `accounts: [self]`, `accounts: ["222233334444"]`, `accounts: [self, "222233334444"]`
	owner := func(account string) *string {
		if account == "" {
			return nil
		}
		return &account
	}
	catalog := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "Glue", Operation: "GetTable", Input: &glue.GetTableInput{CatalogId: owner(account), DatabaseName: str("d"), Name: str("t")}}
	}
	databases := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "Glue", Operation: "GetDatabases", Input: &glue.GetDatabasesInput{CatalogId: owner(account)}}
	}
	optimizers := func(accounts ...string) policy.AWSCall {
		in := &glue.BatchGetTableOptimizerInput{}
		for _, a := range accounts {
			in.Entries = append(in.Entries, gluetypes.BatchGetTableOptimizerEntry{CatalogId: owner(a), DatabaseName: str("d"), TableName: str("t")})
		}
		return policy.AWSCall{Service: "Glue", Operation: "BatchGetTableOptimizer", Input: in}
	}
	image := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "ECR", Operation: "BatchGetImage", Input: &ecr.BatchGetImageInput{RegistryId: owner(account), RepositoryName: str("team/app")}}
	}
	repositories := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "ECR", Operation: "DescribeRepositories", Input: &ecr.DescribeRepositoriesInput{RegistryId: owner(account)}}
	}
	object := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "S3", Operation: "GetObject", Input: &s3.GetObjectInput{Bucket: str("bucket"), Key: str("k"), ExpectedBucketOwner: owner(account)}}
	}
	copied := func(from, to string) policy.AWSCall {
		return policy.AWSCall{Service: "S3", Operation: "CopyObject", Input: &s3.CopyObjectInput{Bucket: str("bucket"), Key: str("k"), CopySource: str("source/k"),
			ExpectedSourceBucketOwner: owner(from), ExpectedBucketOwner: owner(to)}}
	}
	point := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "S3 Control", Operation: "GetAccessPoint", Input: &s3control.GetAccessPointInput{AccountId: owner(account), Name: str("ap")}}
	}
	jobs := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "S3 Control", Operation: "ListJobs", Input: &s3control.ListJobsInput{AccountId: owner(account)}}
	}
	discover := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "ServiceDiscovery", Operation: "DiscoverInstances", Input: &servicediscovery.DiscoverInstancesInput{NamespaceName: str("n"), ServiceName: str("s"), OwnerAccount: owner(account)}}
	}
	export := func(account string) policy.AWSCall {
		return policy.AWSCall{Service: "DynamoDB", Operation: "ExportTableToPointInTime", Input: &dynamodb.ExportTableToPointInTimeInput{
			TableArn: str("arn:aws:dynamodb:eu-west-1:111122223333:table/orders"), S3Bucket: str("bucket"), S3BucketOwner: owner(account)}}
	}
	const own, foreign = "111122223333", "222233334444"
	for rule, call := range map[string]func(string) policy.AWSCall{
		`aws: "glue:GetTable"`: catalog, `aws: "glue:GetDatabases"`: databases, `aws: "ecr:BatchGetImage"`: image, `aws: "ecr:DescribeRepositories"`: repositories,
		`aws: "s3:GetObject"`: object, `aws: "s3:GetAccessPoint"`: point, `aws: "s3:ListJobs"`: jobs, `aws: "servicediscovery:*"`: discover,
		`aws: ["dynamodb:*", "s3:PutObject"]`: export,
	} {
		var rulings []ruling
		for _, account := range []string{"", own} {
			rulings = append(rulings, ruling{rule, call(account), true}, ruling{rule + ", " + self, call(account), true}, ruling{rule + ", " + other, call(account), false})
		}
		isExport := call("").Operation == "ExportTableToPointInTime" // whose table is the own one
		rulings = append(rulings, ruling{rule, call(foreign), false}, ruling{rule + ", " + self, call(foreign), false}, ruling{rule + ", " + other, call(foreign), !isExport},
			ruling{rule + ", " + both, call(foreign), true}, ruling{rule + ", " + both, call("333344445555"), false})
		hold(t, "whitelist", rulings)
		hold(t, "blacklist", []ruling{{rule + ", " + other, call(foreign), false}, {rule + ", " + other, call(own), true}, {rule + ", " + other, call(""), true}})
	}
	hold(t, "whitelist", []ruling{
		{`aws: "glue:GetTable", resources: "arn:aws:glue:eu-west-1:222233334444:table/d/t"`, catalog(foreign), true},
		{`aws: "glue:GetTable", resources: "arn:aws:glue:eu-west-1:222233334444:table/d/t"`, catalog(foreign + ":s3tablescatalog/b"), true},
		{`aws: "glue:GetTable", resources: "table/d/t"`, catalog(foreign), false},
		{`aws: "glue:GetTable", resources: "table/d/t"`, catalog("sales"), true},
		{`aws: "glue:BatchGetTableOptimizer", ` + self, optimizers("", own), true},
		{`aws: "glue:BatchGetTableOptimizer", ` + self, optimizers(foreign, own), false},
		{`aws: "s3:*", resources: "bucket/*"`, object(""), true},
		{`aws: "s3:*", resources: "bucket/*"`, object(own), true},
		{`aws: "s3:*", resources: "bucket/*"`, object(foreign), false},
		{`aws: "s3:*", resources: "bucket/*", ` + other, object(foreign), true},
		{`aws: "s3:*", resources: "arn:aws:s3:::bucket/*"`, object(foreign), true},
		{`aws: "s3:*", ` + self, object("not an account"), false},
		{`aws: "s3:*", ` + self, copied("", ""), true},
		{`aws: "s3:*", ` + self, copied(foreign, ""), false},
		{`aws: "s3:*", ` + self, copied("", foreign), false},
		{`aws: "s3:*", ` + both, copied(foreign, own), true},
		{`aws: "s3:*", ` + other, copied(foreign, foreign), true},
		{`aws: "s3:*", ` + other, copied(foreign, ""), false},
	})
}

// A whitelist rule for another account holds for what is signed with that account's key, which
// nobody knows before; or for a bucket that is said to be that account's.
func TestOtherAccountsAlone(t *testing.T) {
	get := func(owner string) func(aws.Config) error {
		return func(c aws.Config) error {
			in := &s3.GetObjectInput{Bucket: str("bucket"), Key: str("k")}
			if owner != "" {
				in.ExpectedBucketOwner = &owner
			}
			_, err := s3.NewFromConfig(c).GetObject(context.Background(), in)
			return err
		}
	}
	presign := func(c aws.Config) error {
		_, err := s3.NewPresignClient(s3.NewFromConfig(c)).PresignGetObject(context.Background(), &s3.GetObjectInput{Bucket: str("bucket"), Key: str("k")})
		return err
	}
	const other, more = "whitelist: [{aws: \"s3:*\", resources: \"bucket/*\", accounts: [\"222233334444\"]}]\n", "whitelist: [{aws: \"s3:*\", resources: \"bucket/*\", accounts: [self, \"222233334444\"]}]\n"
	for _, tt := range []struct {
		name, yaml, key string
		call            func(aws.Config) error
		sent            int
		rule            string // that refuses
	}{
		{"the own key, a bucket of anybody's", other, ownKey, get(""), 0, "policy.yaml:3"},
		{"the own key, their bucket", other, ownKey, get("222233334444"), 1, ""},
		{"the own key, a third one's bucket", other, ownKey, get("333344445555"), 0, "policy.yaml:3"},
		{"their key", other, otherKey, get(""), 1, ""},
		{"their key, the own bucket", other, otherKey, get("111122223333"), 0, "policy.yaml:3"},
		{"presigned with the own key", other, ownKey, presign, 0, "policy.yaml:3"},
		{"both, the own key", more, ownKey, get(""), 1, ""},
		{"both, their key", more, otherKey, get(""), 1, ""},
		{"nobody listed, their key", "whitelist: [{aws: \"s3:*\"}]\n", otherKey, get(""), 0, "foreign-credentials"},
	} {
		hosts, refused := judged(t, tt.yaml, tt.key, tt.call)
		assert.Len(t, hosts, tt.sent, tt.name)
		rule := ""
		if refused != nil {
			rule = refused.Rule.ID
		}
		assert.Equal(t, tt.rule, rule, tt.name)
	}
}

// A statement of PartiQL is the action that it comes to, on the table that it names; every one of a
// batch or a transaction counts.
func TestStatements(t *testing.T) {
	one := func(s string) policy.AWSCall {
		return policy.AWSCall{Service: "DynamoDB", Operation: "ExecuteStatement", Input: &dynamodb.ExecuteStatementInput{Statement: &s}}
	}
	batch := func(list ...string) policy.AWSCall {
		in := &dynamodb.BatchExecuteStatementInput{}
		for i := range list {
			in.Statements = append(in.Statements, dynamodbtypes.BatchStatementRequest{Statement: &list[i]})
		}
		return policy.AWSCall{Service: "DynamoDB", Operation: "BatchExecuteStatement", Input: in}
	}
	transaction := func(list ...string) policy.AWSCall {
		in := &dynamodb.ExecuteTransactionInput{}
		for i := range list {
			in.TransactStatements = append(in.TransactStatements, dynamodbtypes.ParameterizedStatement{Statement: &list[i]})
		}
		return policy.AWSCall{Service: "DynamoDB", Operation: "ExecuteTransaction", Input: in}
	}
	const read, update, exists = `SELECT * FROM "orders";`, `UPDATE "orders" SET a=1 WHERE id='1' RETURNING ALL NEW *`, `EXISTS(SELECT * FROM "users" WHERE id='1')`
	hold(t, "whitelist", []ruling{
		{`aws: "dynamodb:*", resources: table/orders, access: read`, one(read), true},
		{`aws: "dynamodb:*", resources: table/orders, access: read`, one(update), false},
		{`aws: "dynamodb:PartiQLUpdate", resources: table/orders`, one(update), true},
		{`aws: "dynamodb:ExecuteStatement", resources: table/orders`, one(update), true},
		{`aws: "dynamodb:*", except: "dynamodb:PartiQLDelete"`, one(read), true},
		{`aws: "dynamodb:*", except: "dynamodb:PartiQLDelete"`, one(`DELETE FROM orders WHERE id='1'`), false},
		{`aws: "dynamodb:*", resources: table/orders`, batch(read, update), true},
		{`aws: "dynamodb:*", resources: table/orders`, batch(read, `SELECT * FROM users`), false},
		{`aws: "dynamodb:*", resources: table/orders`, batch(read, `SELECT * FROM orders, users`), false},
		{`aws: "dynamodb:*", resources: table/orders`, transaction(update, exists), false},
		{`aws: "dynamodb:*", resources: [table/orders, table/users]`, transaction(update, exists), true},
		{`aws: ["dynamodb:PartiQLUpdate", "dynamodb:PartiQLSelect"]`, transaction(update, exists), true},
		{`aws: "dynamodb:PartiQLUpdate"`, transaction(update, exists), false},
	})
	hold(t, "blacklist", []ruling{
		{`aws: "dynamodb:UpdateItem"`, one(update), false},
		{`aws: "dynamodb:UpdateItem"`, one(read), true},
		{`aws: "dynamodb:DeleteItem"`, one(`DELETE FROM orders`), false},
		{`aws: "dynamodb:*", access: write`, batch(read, read), true},
		{`aws: "dynamodb:*", access: write`, batch(read, update), false},
		{`aws: "dynamodb:GetItem", resources: table/users`, transaction(update, exists), false},
		{`aws: "dynamodb:PartiQLDelete"`, one(`MERGE INTO orders`), false},
		{`aws: "bedrock:*", access: write`, policy.AWSCall{Service: "Bedrock Runtime", Operation: "StartAsyncInvoke", Input: &bedrockruntime.StartAsyncInvokeInput{ModelId: str("m")}}, false},
		{`aws: "s3:*", access: write, resources: "source/*"`, policy.AWSCall{Service: "S3", Operation: "CopyObject", Input: &s3.CopyObjectInput{Bucket: str("bucket"), Key: str("k"), CopySource: str("source/k")}}, true},
	})
}
