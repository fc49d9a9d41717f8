package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// secrets reads the secrets of one sink. A value "secretsmanager:NAME" or "ssm:NAME" refers to one, by name or ARN; every other value
// is the secret itself. What was read is kept until the sink has forget called.
//
// It asks the AWS Parameters and Secrets extension on its local port when that is there, else the service itself.
type secrets struct {
	account account
	wire    wire
	mu      sync.Mutex
	known   map[string]string
}

func (s *secrets) get(ctx context.Context, value string) (string, error) {
	value = strings.TrimSpace(value)
	kind, name, _ := strings.Cut(value, ":")
	if kind != "secretsmanager" && kind != "ssm" {
		return value, nil
	}
	s.mu.Lock()
	known, ok := s.known[value]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	read := s.secretsManager
	if kind == "ssm" {
		read = s.parameter
	}
	secret, err := read(ctx, name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", value, err)
	}
	secret = only(secret)
	if secret == "" {
		return "", fmt.Errorf("%s: it is empty", value)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[value] = secret
	return secret, nil
}

// only returns the value of a JSON object with one text, which is how the console of Secrets Manager stores a key and its value;
// every other secret is taken as it is.
func only(secret string) string {
	var object map[string]string
	if json.Unmarshal([]byte(secret), &object) == nil && len(object) == 1 {
		for _, v := range object {
			secret = v
		}
	}
	return strings.TrimSpace(secret)
}

// forget makes the next get read again: the other side has refused a secret, which may have been changed.
func (s *secrets) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
}

func (s *secrets) secretsManager(ctx context.Context, name string) (string, error) {
	var out struct{ SecretString string }
	if s.extension(ctx, "/secretsmanager/get?secretId="+url.QueryEscape(name), &out) && out.SecretString != "" {
		return out.SecretString, nil
	}
	cfg, err := s.config(ctx, name)
	if err != nil {
		return "", err
	}
	err = getSecretValue.call(ctx, cfg, map[string]string{"SecretId": name}, &out)
	return out.SecretString, err
}

func (s *secrets) parameter(ctx context.Context, name string) (string, error) {
	var out struct{ Parameter struct{ Value string } }
	if s.extension(ctx, "/systemsmanager/parameters/get?withDecryption=true&name="+url.QueryEscape(name), &out) && out.Parameter.Value != "" {
		return out.Parameter.Value, nil
	}
	cfg, err := s.config(ctx, name)
	if err != nil {
		return "", err
	}
	err = getParameter.call(ctx, cfg, map[string]any{"Name": name, "WithDecryption": true}, &out)
	return out.Parameter.Value, err
}

func (s *secrets) config(ctx context.Context, name string) (aws.Config, error) {
	return s.account.config(ctx, arnRegion(name))
}

// extension asks the extension, if this is Lambda and it answers. It wants the session token, as a proof that the question comes
// from inside; the answer is as the service's own.
func (s *secrets) extension(ctx context.Context, path string, out any) bool {
	port, token := os.Getenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"), os.Getenv("AWS_SESSION_TOKEN")
	if token == "" || port == "" && os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		return false
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost:"+cmp.Or(port, "2773")+path, nil)
	if err != nil {
		return false
	}
	r.Header.Set("X-Aws-Parameters-Secrets-Token", token)
	answer, err := s.wire.do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return err == nil && answer.StatusCode == http.StatusOK && json.Unmarshal(body, out) == nil
}

func (s *secrets) closeIdle() {
	s.wire.CloseIdleConnections()
	s.account.closeIdle()
}
