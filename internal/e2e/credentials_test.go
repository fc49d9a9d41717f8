package e2e

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// named returns what was asked about operations, as "service operation".
func (g *fakeGuard) named() []string {
	var names []string
	for _, c := range g.seen(policy.ViaSDK) {
		names = append(names, c.AWS.Service+" "+c.AWS.Operation)
	}
	return names
}

// clean keeps the machine's own AWS settings out of a test.
func clean(t *testing.T, env map[string]string) {
	t.Helper()
	for _, k := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"} {
		t.Setenv(k, "")
		_ = os.Unsetenv(k)
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	for k, v := range env {
		t.Setenv(k, v)
	}
}

func load(t *testing.T, g *fakeGuard, more ...func(*awsconfig.LoadOptions) error) aws.Config {
	t.Helper()
	more = append(more, awsconfig.WithAPIOptions([]func(*middleware.Stack) error{awsmiddleware.New(g)}))
	cfg, err := awsconfig.LoadDefaultConfig(context.Background(), more...)
	require.NoError(t, err)
	return cfg
}

const assumedRole = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>` + accessKey + `</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
	`<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

// The STS client that config makes by itself is guarded too.
func TestARoleOfTheConfigFile(t *testing.T) {
	sent := &recorder{respond: func(n int) (int, string) {
		if n == 0 {
			return http.StatusOK, assumedRole
		}
		return http.StatusOK, ""
	}}
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte("[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\ncredential_source = Environment\n"), 0o600))
	clean(t, map[string]string{"AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": "s", "AWS_CONFIG_FILE": file})
	g := &fakeGuard{}
	cfg := load(t, g, awsconfig.WithSharedConfigProfile("p"), awsconfig.WithHTTPClient(sent))
	_, err := sqs.NewFromConfig(cfg).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	assert.Equal(t, []string{"SQS ListQueues", "STS AssumeRole"}, g.named())
	assert.Equal(t, "arn:aws:iam::111122223333:role/r", *g.seen(policy.ViaSDK)[1].AWS.Input.(*sts.AssumeRoleInput).RoleArn)

	refusing := &fakeGuard{refuse: refuseOperation("AssumeRole")}
	_, err = sqs.NewFromConfig(load(t, refusing, awsconfig.WithSharedConfigProfile("p"), awsconfig.WithHTTPClient(sent))).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	assertRefused(t, err)
}

func TestAnAssumedRole(t *testing.T) {
	sent := &recorder{respond: func(int) (int, string) { return http.StatusOK, assumedRole }}
	g := &fakeGuard{}
	cfg := config("", awsmiddleware.New(g))
	cfg.HTTPClient = sent
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::999900001111:role/deploy")
	_, err := provider.Retrieve(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"STS AssumeRole"}, g.named())
}

// The container credentials endpoint's client has neither a service nor an operation in its
// context.
func TestContainerCredentials(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"AccessKeyId":"`+accessKey+`","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}`)
	})
	clean(t, map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": s.URL + "/credentials"})
	g := &fakeGuard{}
	_, err := load(t, g).Credentials.Retrieve(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"endpoint-credentials GetCredentials"}, g.named())
	assert.Equal(t, []string{strings.TrimPrefix(s.URL, "http://")}, g.wireHosts())

	refusing := &fakeGuard{refuse: via(policy.ViaWire)}
	_, err = load(t, refusing).Credentials.Retrieve(context.Background())
	assertRefused(t, err)
}

func TestInstanceMetadata(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "PUT" {
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
		}
		_, _ = io.WriteString(w, "value")
	})
	g := &fakeGuard{}
	client := imds.NewFromConfig(config("", awsmiddleware.New(g)), func(o *imds.Options) { o.Endpoint = s.URL })
	_, err := client.GetMetadata(context.Background(), &imds.GetMetadataInput{Path: "instance-id"})
	require.NoError(t, err)
	assert.Equal(t, []string{"ec2imds GetMetadata", "ec2imds getToken"}, g.named())
}
