package oldesttest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// build builds the function with go.mod changed by edits, such as "-require=path@version".
func build(t *testing.T, edits ...string) (binary string) {
	t.Helper()
	dir := t.TempDir()
	binary = filepath.Join(dir, "bootstrap")
	modfile := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(modfile, []byte(strings.ReplaceAll(string(text), "=> ../..", "=> "+root)), 0o644))
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644))
	for _, args := range [][]string{
		append(append([]string{"mod", "edit"}, edits...), modfile),
		{"build", "-mod=mod", "-modfile", modfile, "-tags", "lambda.norpc", "-o", binary, "./function"},
	} {
		cmd := exec.Command("go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %v: %s", args, out)
	}
	return binary
}

const policy = `
version: 1
on_violation: block
whitelist:
  - http: %s/good
  - http: %s
    methods: [POST]
  - aws: sqs:ListQueues
`

// run invokes a function, and returns its result or its error.
func run(t *testing.T, binary, path string) (result, failure string) {
	t.Helper()
	result, failure, _ = runLogged(t, binary, path)
	return result, failure
}

// runLogged is run with the log of the function.
func runLogged(t *testing.T, binary, path string) (result, failure, log string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			assert.Contains(t, r.Header.Get("Authorization"), "/eu-west-1/sqs/aws4_request")
			io.WriteString(w, `{"QueueUrls":["orders"]}`)
			return
		}
		io.WriteString(w, "hello")
	}))
	defer s.Close()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, policy, s.URL, s.URL), 0o644))
	f, err := lambdatest.Start(lambdatest.Config{Path: binary, Timeout: 20 * time.Second, Env: []string{
		"OUTGUARD_POLICY=" + file, "AWS_ENDPOINT_URL=" + s.URL, "AWS_ENDPOINT_URL_SQS=" + s.URL,
	}})
	require.NoError(t, err)
	defer f.Close()
	for range 2 { // the second one shows that the first result was delivered
		res, err := f.Invoke(t.Context(), fmt.Appendf(nil, "%q", s.URL+path), nil)
		require.NoError(t, err, f.Stderr())
		if res.Error != nil {
			return "", res.Error.Message, f.Stdout()
		}
		result = string(res.Body)
	}
	return result, "", f.Stdout()
}

// validate runs outguard validate -binary, with a policy that has no fault.
func validate(binary string) (string, error) {
	dir, err := os.MkdirTemp("", "policy")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nwhitelist: []\n"), 0o644); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "run", "-C", "../..", "./cmd/outguard", "validate", "-binary", binary, file).CombinedOutput()
	return string(out), err
}

// Releases of aws-lambda-go before 1.55 poll the Runtime API through http.DefaultTransport.
func TestEveryReleaseOfAWSLambdaGo(t *testing.T) {
	for _, version := range []string{"v1.47.0", "v1.50.0", "v1.51.1", "v1.54.0", "v1.55.1"} {
		t.Run(version, func(t *testing.T) {
			binary := build(t, "-require=github.com/aws/aws-lambda-go@"+version)
			result, failure := run(t, binary, "/good")
			assert.Equal(t, `"[orders], hello"`, result, failure)
			_, failure = run(t, binary, "/evil")
			assert.Contains(t, failure, "blocked by policy")
			out, err := validate(binary)
			assert.NoError(t, err, out)
			assert.Contains(t, out, "github.com/aws/aws-lambda-go "+version)
		})
	}
}

// Clients from before 2023-11-15 fail with the core that Outguard requires, and the warning says
// so.
func TestClientsThatAreTooOld(t *testing.T) {
	binary := build(t, "-require=github.com/aws/aws-sdk-go-v2/service/sqs@v1.24.5")
	_, failure, log := runLogged(t, binary, "/good")
	assert.Contains(t, failure, "not found")
	const fix = "update them: go get github.com/aws/aws-sdk-go-v2/service/sqs@latest"
	assert.Equal(t, 1, strings.Count(log, fix), "the start line has it once: %s", log)
	out, err := validate(binary)
	assert.Error(t, err)
	assert.Contains(t, out, "sqs v1.24.5; "+fix)
	assert.Contains(t, out, "github.com/aws/aws-sdk-go-v2 v1.24.0")
	assert.Contains(t, out, "layers: http, aws, context, names\n")
}
