package notify

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A vault is Secrets Manager, Parameter Store, the extension and the receiver of alerts in one
// server.
type vault struct {
	mu     sync.Mutex
	asked  []string // what was asked, and how
	secret string   // what both hold
	good   string   // the path that takes alerts
	got    int
	ready  bool // the extension answers
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Header.Get("X-Amz-Target") == "secretsmanager.GetSecretValue":
		v.asked = append(v.asked, "secretsmanager "+string(body)+scope(r))
		json.NewEncoder(w).Encode(map[string]string{"SecretString": v.secret})
	case r.Header.Get("X-Amz-Target") == "AmazonSSM.GetParameter":
		v.asked = append(v.asked, "ssm "+string(body)+scope(r))
		json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]string{"Value": v.secret}})
	case strings.HasSuffix(r.URL.Path, "/get"):
		v.asked = append(v.asked, "extension "+r.URL.String()+" "+r.Header.Get("X-Aws-Parameters-Secrets-Token"))
		if !v.ready {
			http.Error(w, "not ready to serve traffic, please wait", http.StatusBadRequest)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/systemsmanager") {
			json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]string{"Value": v.secret}})
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"SecretString": v.secret})
	case r.URL.Path == v.good:
		v.got++
		w.Write([]byte("ok"))
	default:
		http.Error(w, "no_service", http.StatusNotFound)
	}
}

// scope returns the service and region that a request is signed for.
func scope(r *http.Request) string {
	parts := strings.Split(r.Header.Get("Authorization"), "/")
	if len(parts) < 4 {
		return " unsigned"
	}
	return " signed for " + parts[3] + " in " + parts[2]
}

func openVault(t *testing.T) (*vault, func(extension bool) *Env) {
	v := &vault{good: "/hook"}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	v.secret = server.URL + "/hook"
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	return v, func(extension bool) *Env {
		env := map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_ENDPOINT_URL_SSM": server.URL}
		if extension {
			env["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] = u.Port()
		}
		return testEnv(env)
	}
}

func TestSecretsAreReadOnceFromTheService(t *testing.T) {
	v, env := openVault(t)
	for ref, want := range map[string]string{
		"secretsmanager:slack/url": `secretsmanager {"SecretId":"slack/url"} signed for secretsmanager in eu-west-1`,
		"ssm:/slack/url":           `ssm {"Name":"/slack/url","WithDecryption":true} signed for ssm in eu-west-1`,
		"secretsmanager:arn:aws:secretsmanager:us-west-2:1:secret:x-AbCdEf": `secretsmanager {"SecretId":"arn:aws:secretsmanager:us-west-2:1:secret:x-AbCdEf"} signed for secretsmanager in us-west-2`,
	} {
		v.asked, v.got = nil, 0
		s := &Slack{URL: ref, Env: env(false)}
		require.NoError(t, s.Notify(t.Context(), examples["seen_http"]))
		require.NoError(t, s.Notify(t.Context(), examples["seen_http"]))
		assert.Equal(t, []string{want}, v.asked)
		assert.Equal(t, 2, v.got)
	}
}

func TestSecretsAreReadFromTheExtension(t *testing.T) {
	v, env := openVault(t)
	v.ready = true
	require.NoError(t, (&Slack{URL: "secretsmanager:slack url", Env: env(true)}).Notify(t.Context(), examples["seen_http"]))
	require.NoError(t, (&Slack{URL: "ssm:/slack/url", Env: env(true)}).Notify(t.Context(), examples["seen_http"]))
	assert.Equal(t, []string{
		"extension /secretsmanager/get?secretId=slack+url session",
		"extension /systemsmanager/parameters/get?name=%2Fslack%2Furl&withDecryption=true session",
	}, v.asked)

	v.ready, v.asked = false, nil
	require.NoError(t, (&Slack{URL: "ssm:/slack/url", Env: env(true)}).Notify(t.Context(), examples["seen_http"]))
	assert.Len(t, v.asked, 2, "the service itself is asked when the extension is not ready")
}

func TestAChangedSecretIsReadAgain(t *testing.T) {
	v, env := openVault(t)
	s := &Slack{URL: "secretsmanager:slack", Env: env(false)}
	require.NoError(t, s.Notify(t.Context(), examples["seen_http"]))
	v.good, v.secret = "/new", strings.Replace(v.secret, "/hook", "/new", 1)
	err := s.Notify(t.Context(), examples["seen_http"])
	require.EqualError(t, err, "slack: answered 404 Not Found: no_service: the webhook was disabled or deleted")
	require.NoError(t, s.Notify(t.Context(), examples["seen_http"]))
	assert.Equal(t, 2, v.got)
}

func TestWhatASecretMayBe(t *testing.T) {
	for secret, want := range map[string]string{
		"plain\n": "plain", `{"url":"https://x"}`: "https://x", `{"a":"1","b":"2"}`: `{"a":"1","b":"2"}`, `{"n":1}`: `{"n":1}`,
	} {
		assert.Equal(t, want, only(secret))
	}
	v, env := openVault(t)
	v.secret = ""
	err := (&Slack{URL: "secretsmanager:slack", Env: env(false)}).Notify(t.Context(), examples["seen_http"])
	assert.EqualError(t, err, "slack: secretsmanager:slack: it is empty")
}
