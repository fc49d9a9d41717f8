package awsops

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var letters = map[string]Level{"L": List, "R": Read, "W": Write, "T": Tagging, "P": Permissions}

// input returns the lines of a file that the tables were made from.
func input(t *testing.T, name string) []string {
	data, err := os.ReadFile("gen/data/" + name)
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// eachAction calls f for every action of the data set.
func eachAction(t *testing.T, f func(prefix, name string, level Level, takes bool)) {
	prefix := ""
	for _, line := range input(t, "iam.txt") {
		words := strings.Fields(line)
		switch {
		case line[0] == '[':
			prefix = strings.Trim(line, "[]")
		case strings.HasPrefix(line, "arn:"):
		default:
			for _, name := range words[1:] {
				name, takes := strings.CutSuffix(name, "+")
				f(prefix, name, letters[words[0]], takes)
			}
		}
	}
}

func TestEveryAction(t *testing.T) {
	n, wrong := 0, 0
	eachAction(t, func(prefix, name string, level Level, takes bool) {
		n++
		e, ok := Find(prefix, name)
		if !ok || e.Level != level {
			wrong++
			t.Errorf("%s:%s is %v (%v), want %v", prefix, name, e.Level, ok, level)
		}
		_, ok = Service(prefix)
		assert.True(t, ok, prefix)
	})
	assert.Zero(t, wrong)
	assert.Greater(t, n, 22_000)
}

// Operations of the SDK go by the level of their IAM action: of several, by that of the one that
// changes most.
func TestEveryOperation(t *testing.T) {
	actions := map[string]Level{}
	eachAction(t, func(prefix, name string, level Level, _ bool) { actions[prefix+":"+name] = level })
	pinned := map[string]Level{}
	for _, line := range input(t, "overrides.txt") {
		words := strings.Fields(line)
		for l, name := range levelNames {
			if name == words[1] {
				pinned[words[0]] = Level(l)
			}
		}
	}
	rank := [...]int{Read: 1, List: 0, Write: 2, Tagging: 3, Permissions: 4}
	service, prefix, n, without := "", "", 0, 0
	known, strangers := map[string]bool{}, map[string]bool{} // by prefix and name, as services share them
	check := func(name string, list ...string) {
		n++
		want := pinned[prefix+":"+name]
		for _, a := range list {
			if !strings.Contains(a, ":") {
				a = prefix + ":" + a
			}
			if l := actions[a]; want == None || (pinned[prefix+":"+name] == None && l != None && rank[l] > rank[want]) {
				want = l
			}
		}
		got, guessed := LevelOf(prefix, name)
		if want == None {
			without++ // IAM has no action
			strangers[strings.ToLower(prefix+":"+name)] = guessed
			return
		}
		assert.Equal(t, want, got, "%s:%s", prefix, name)
		assert.False(t, guessed, "%s:%s", prefix, name)
		known[strings.ToLower(prefix+":"+name)] = true
	}
	for _, line := range input(t, "operations.txt") {
		if id, rest, ok := strings.Cut(line, "] "); ok {
			service, prefix = id[1:], rest
			got, _ := Service(id[1:])
			assert.Equal(t, prefix, got, id)
			continue
		}
		if name, list, ok := strings.Cut(line, " = "); ok {
			check(name, strings.Split(list, ",")...)
			assert.True(t, strings.EqualFold(list, name) || Actions(service, name) == list, "%s:%s has %s", service, name, Actions(service, name))
		} else if name, _, ok := strings.Cut(line, " ?"); ok {
			check(name)
		} else {
			for name := range strings.FieldsSeq(line) {
				check(name, name)
			}
		}
	}
	assert.Greater(t, n, 18_000)
	assert.Less(t, without, n/40) // a new operation comes before its action is in IAM's list
	for name, guessed := range strangers {
		assert.NotEqual(t, known[name], guessed, name)
	}
}

func TestService(t *testing.T) {
	for name, want := range map[string]string{
		"SFN": "states", "sfn": "states", "states": "states", "EventBridge": "events", "eventbridge": "events", "events": "events",
		"CloudWatch Logs": "logs", "cloudwatchlogs": "logs", "Cognito Identity Provider": "cognito-idp", "cognito-idp": "cognito-idp",
		"SESv2": "ses", "Elastic Load Balancing v2": "elasticloadbalancing", "S3": "s3", "s3express": "s3express", "API Gateway": "apigateway",
		"ApiGatewayManagementApi": "execute-api", "OpenSearch": "es", "Bedrock Runtime": "bedrock", "SSO": "sso", "SSO Admin": "sso", "sso": "sso",
		"ec2imds": "ec2imds", "endpoint-credentials": "endpoint-credentials", "a2c": "a2c", "Bedrock AgentCore": "bedrock-agentcore", "SECRETS_MAN-AGER": "secretsmanager",
	} {
		got, ok := Service(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"", "s", "s33", "sqs:", "=", "\n", "zzz", "é", "states=x", "sq*"} {
		_, ok := Service(name)
		assert.False(t, ok, name)
	}
}

func TestLevels(t *testing.T) {
	for name, want := range map[string]Level{
		"dynamodb:TransactWriteItems": Write, "dynamodb:ExecuteStatement": Write, "dynamodb:TransactGetItems": Read, "s3:CopyObject": Write,
		"s3:ListObjectsV2": List, "s3:HeadObject": Read, "sqs:ReceiveMessage": Read, "sqs:SetQueueAttributes": Permissions, "kms:Decrypt": Write,
		"bedrock:InvokeModel": Read, "s3:PutObjectTagging": Tagging, "lambda:Invoke": Write, "lambda:AddPermission": Permissions,
		"apigateway:CreateRestApi": Write, "apigateway:GetRestApi": Read, "SQS:receivemessage": Read,
	} {
		prefix, op, _ := strings.Cut(strings.ToLower(name[:1])+name[1:], ":")
		prefix = strings.ToLower(prefix)
		got, guessed := LevelOf(prefix, op)
		assert.Equal(t, want, got, name)
		assert.False(t, guessed, name)
	}
	for name, want := range map[string]Level{"GetNewThing": Read, "BatchGetNewThings": Read, "ListNewThings": List, "TagNewThing": Tagging, "FrobnicateThing": Write, "": Write} {
		got, guessed := LevelOf("sqs", name)
		assert.Equal(t, want, got, name)
		assert.True(t, guessed, name)
	}
}

// A verb that reads guesses right for nine known names in ten; one that does not takes no reading
// for granted.
func TestGuess(t *testing.T) {
	right, n, writesAsReads := 0, 0, 0
	eachAction(t, func(_, name string, level Level, _ bool) {
		n++
		got := Guess(name)
		if got == level || (got <= Read && level <= Read) || (got >= Write && level >= Write) {
			right++
		} else if got <= Read {
			writesAsReads++
		}
	})
	assert.Greater(t, right*100, n*95, "%d of %d", right, n)
	assert.Less(t, writesAsReads*100, n, "%d of %d", writesAsReads, n)
}

// The table is small because it keeps hashes, so some names that are not in it are taken for ones
// that are.
func TestUnknownNames(t *testing.T) {
	known := 0
	const n = 20_000
	for i := range n {
		if _, ok := Find("sqs", "Frobnicate"+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676%26))+string(rune('a'+i/17576))); ok {
			known++
		}
	}
	assert.Less(t, known, n/120)
}

func TestEndpoints(t *testing.T) {
	for label, service := range map[string]string{
		"sqs": "SQS", "queue": "SQS", "email": "SESv2", "monitoring": "CloudWatch", "states": "SFN", "sync-states": "SFN", "logs": "CloudWatch Logs",
		"streams.dynamodb": "DynamoDB Streams", "ddb": "DynamoDB", "bedrock-runtime": "Bedrock Runtime", "cognito-idp": "Cognito Identity Provider",
		"runtime.sagemaker": "SageMaker Runtime", "es": "OpenSearch", "api.ecr": "ECR", "events": "EventBridge",
	} {
		assert.True(t, HasEndpoint(service, label), label)
		want, _ := Service(service)
		var got []string
		for _, by := range ByEndpoint(label) {
			prefix, _ := Service(by)
			got = append(got, prefix)
		}
		assert.Contains(t, got, want, label)
	}
	for label, service := range map[string]string{"sns": "SQS", "": "SQS", "dynamodb": "DynamoDB Streams2", "us-east-1.elb": "S3", " ": "SQS"} {
		assert.False(t, HasEndpoint(service, label), label)
	}
	assert.Empty(t, ByEndpoint("evils3"))
}

// What a function carries of AWS's vocabulary.
func TestTablesAreSmall(t *testing.T) {
	size := len(levelCells) + len(services) + len(renames) + len(resources) + len(resourceTokens) + len(endpoints) + len(verbs) + len(forms)
	t.Logf("%d bytes", size)
	assert.LessOrEqual(t, size, 160<<10)
}

// The tables keep resource paths in a packed form.
func TestResourcesAreUnpacked(t *testing.T) {
	for _, service := range []string{"dynamodb", "eks", "rds", "appsync", "iotdataplane"} {
		assert.Regexp(t, `^[ -~]+$`, Resources(service), service)
		assert.True(t, HasResources(service), service)
	}
	assert.Contains(t, Resources("eks"), "ClusterName+NodegroupName=nodegroup/$/$/*")
	assert.Empty(t, Resources("nowhere"))
	assert.False(t, HasResources("nowhere"))
}

// Of the operations that take a resource, the tables know those whose input never shows it.
func TestNever(t *testing.T) {
	for _, c := range []struct {
		prefix, operation string
		takes, never      bool
	}{
		{"athena", "GetQueryExecution", true, true}, {"athena", "StopCalculationExecution", true, true}, {"athena", "StartQueryExecution", true, false},
		{"kinesis", "GetRecords", true, false}, {"states", "SendTaskSuccess", false, false}, {"execute-api", "PostToConnection", true, true},
		{"codecommit", "GetPullRequest", true, true}, {"codecommit", "GetBranch", true, false}, {"sqs", "ListQueues", false, false},
		{"chime", "DeleteChannel", true, true}, {"eks", "DescribeNodegroup", true, false}, {"dynamodb", "GetItem", true, false},
	} {
		e, ok := Find(c.prefix, c.operation)
		assert.True(t, ok, c.operation)
		assert.Equal(t, c.takes, e.Takes, c.operation)
		assert.Equal(t, c.never, e.Never, c.operation)
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		Find("dynamodb", "TransactWriteItems")
	}
}

func TestLabels(t *testing.T) {
	assert.Equal(t, []string{"cloudwatch", "monitoring"}, Labels("cloudwatch"))
	assert.Equal(t, "states", Labels("states")[0])
	assert.Contains(t, Labels("states"), "sfn")
	for _, label := range Labels("dynamodb") {
		assert.True(t, HasEndpoint("dynamodb", label), label)
	}
}

func TestTooFewParts(t *testing.T) {
	for _, c := range []struct{ prefix, resource, want string }{
		{"glue", "table/orders", "table/$DatabaseName/$TableName"},
		{"glue", "table/shop/orders", ""},
		{"glue", "table/*", ""},
		{"glue", "table/", ""},
		{"glue", "database/shop", ""},
		{"dynamodb", "table/orders", ""},
		{"opsworks", "stack/1", "stack/$StackId/"},
		{"opsworks-cm", "server/a", "server/$ServerName/$UniqueId"}, // its line is not where its prefix alone would be
		{"states", "express:orders:1", "express:$StateMachineName:$ExecutionId:$ExpressId"},
		{"lambda", "function:pay", ""},
		{"nowhere", "table/orders", ""},
	} {
		assert.Equal(t, c.want, TooFewParts(c.prefix, c.resource), "%s %s", c.prefix, c.resource)
	}
	previous := ""
	for line := range strings.Lines(strings.TrimPrefix(forms, "\n")) { // it is searched by halves
		prefix, _, _ := strings.Cut(line, "=")
		assert.Less(t, previous, prefix)
		previous = prefix
	}
}

// Each byte of these constants is in every program that links the guard.
func TestSizeOfTheTables(t *testing.T) {
	files, err := filepath.Glob("tables_*.go")
	require.NoError(t, err)
	size := 0
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				text, err := strconv.Unquote(l.Value)
				require.NoError(t, err)
				size += len(text)
			}
			return true
		})
	}
	t.Logf("%d bytes", size)
	assert.Greater(t, size, 50_000)
	assert.LessOrEqual(t, size, 160_000)
}
