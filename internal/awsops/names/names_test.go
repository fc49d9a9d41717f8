package names

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMatches(t *testing.T) {
	for _, pattern := range []string{"sqs:ReceiveMessage", "sqs:receivemessage", "sqs:*", "s3:Get*", "s3:ListObjectsV2", "s3:ListBucket", "lambda:Invoke", "dynamodb:*Item"} {
		prefix, glob, _ := strings.Cut(pattern, ":")
		assert.True(t, Matches(prefix, glob), pattern)
	}
	for _, pattern := range []string{"sqs:RecieveMessage", "sqs:Get*Object", "nosuch:*", "s3:GetObjects"} {
		prefix, glob, _ := strings.Cut(pattern, ":")
		assert.False(t, Matches(prefix, glob), pattern)
	}
	assert.Empty(t, Of("nosuch"))
	for _, action := range []string{"iam:PassRole", "iam:passrole", "s3:GetObjectVersionForReplication", "logs:CreateLogDelivery"} {
		prefix, name, _ := strings.Cut(action, ":")
		assert.True(t, Untaken(prefix, name), action)
	}
	for _, action := range []string{"s3:GetObject", "s3:ListBucket", "s3:GetObjectVersion", "dynamodb:ConditionCheckItem", "lambda:InvokeFunction", "sqs:Nope", "nosuch:X", "s3:*"} {
		prefix, name, _ := strings.Cut(action, ":")
		assert.False(t, Untaken(prefix, name), action)
	}
	assert.Equal(t, "ReceiveMessage", Nearest("sqs", "RecieveMessage"))
	assert.Equal(t, "GetObject", Nearest("s3", "getobjetc"))
	assert.Empty(t, Nearest("sqs", "Frobnicate"))
}

// The names are half a megabyte: no function carries them, only the command.
func TestOnlyTheCommandLinksThem(t *testing.T) {
	const module = "github.com/outguard/outguard"
	out, err := exec.Command("go", "list", "-deps", module+"/guard", module+"/policy", module+"/httpguard", module+"/awsmiddleware", module+"/notify").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), module+"/internal/awsops\n")
	assert.NotContains(t, string(out), module+"/internal/awsops/names")
}

func TestKinds(t *testing.T) {
	assert.Equal(t, []string{"stateMachine:"}, Kinds("states", "startexecution"))
	assert.Equal(t, []string{"function:"}, Kinds("lambda", "Invoke"))
	assert.Equal(t, []string{"function:"}, Kinds("lambda", "InvokeFunction"))
	assert.Nil(t, Kinds("states", "NewOperation"))
	assert.Nil(t, Kinds("nowhere", "StartExecution"))
	assert.Nil(t, Kinds("s3", "GetObject"), "what an object belongs to is read elsewhere")
}
