package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// secrets reads the secrets of one sink. A value "secretsmanager:NAME" or "ssm:NAME" refers to a
// secret, by name or ARN; any other value is the secret itself. A secret that was read is kept
// until forget is called.
//
// secrets asks the AWS Parameters and Secrets extension on its local port. If that is not there or
// not ready, it asks the service itself.
type secrets struct {
	env   *Env
	wire  *wire // to the extension
	aws   *awsClient
	mu    sync.Mutex
	known map[string]string
}

// get returns the secret that value refers to, or value itself.
func (s *secrets) get(ctx context.Context, value string) (string, error) {
	value = strings.TrimSpace(value)
	kind, name, _ := strings.Cut(value, ":")
	// A URL has a colon too, behind "https".
	if kind != "secretsmanager" && kind != "ssm" {
		return value, nil
	}
	// Not held while the secret is read: a service that hangs would hold up every other send.
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
	// Whoever pastes a URL into the console often adds a line feed, which no header and no URL may
	// have.
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

// only returns the value of a JSON object with one text, which is how Secrets Manager's console
// stores a key and its value. Any other secret is returned as it is, without blanks around it.
func only(secret string) string {
	var object map[string]string
	if json.Unmarshal([]byte(secret), &object) == nil && len(object) == 1 {
		for _, v := range object {
			secret = v
		}
	}
	return strings.TrimSpace(secret)
}

// forget makes the next get read again. Sinks call it when the receiver refuses a secret, which may
// have been changed.
func (s *secrets) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
}

// secretsManager reads a secret of Secrets Manager. Binary secrets count as empty.
func (s *secrets) secretsManager(ctx context.Context, name string) (string, error) {
	var out struct{ SecretString string }
	if s.extension(ctx, "/secretsmanager/get", url.Values{"secretId": {name}}, &out) && out.SecretString != "" {
		return out.SecretString, nil
	}
	getSecretValue := jsonCall{serviceSecrets, targetGetSecretValue}
	err := getSecretValue.call(ctx, s.aws, arnRegion(name), map[string]string{"SecretId": name}, &out)
	return out.SecretString, err
}

// parameter reads a parameter of SSM, decrypted.
func (s *secrets) parameter(ctx context.Context, name string) (string, error) {
	var out struct{ Parameter struct{ Value string } }
	if s.extension(ctx, "/systemsmanager/parameters/get", url.Values{"name": {name}, "withDecryption": {"true"}}, &out) && out.Parameter.Value != "" {
		return out.Parameter.Value, nil
	}
	getParameter := jsonCall{serviceSSM, targetGetParameter}
	err := getParameter.call(ctx, s.aws, arnRegion(name), map[string]any{"Name": name, "WithDecryption": true}, &out)
	return out.Parameter.Value, err
}

// extensionWait is how long the extension may take. One that hangs must not keep alerts from
// arriving.
const extensionWait = time.Second

// extension asks the extension, if there is one and it is ready. The request carries the session
// token as a proof that it comes from inside; the response is that of the service itself.
func (s *secrets) extension(ctx context.Context, path string, query url.Values, out any) bool {
	// Without a token the extension refuses, and the service itself is asked anyway.
	if s.env.sessionToken == "" || !isPort(s.env.extension) {
		return false
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", s.env.extension), Path: path, RawQuery: query.Encode()}
	ctx, cancel := context.WithTimeout(ctx, extensionWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false
	}
	// The token goes to this machine alone: wire uses no proxy for localhost, and follows no
	// redirect.
	r.Header.Set("X-Aws-Parameters-Secrets-Token", s.env.sessionToken)
	response, err := s.wire.do(r)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return err == nil && response.StatusCode == http.StatusOK && json.Unmarshal(body, out) == nil
}
