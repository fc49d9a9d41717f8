package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentials are those of one sink: from the environment, else from where the container serves
// them. Those of a container are kept, and read again before they expire. The zero value has none
// yet.
type credentials struct {
	mu   sync.Mutex
	kept aws.Credentials
}

const (
	// refreshBefore is how long before their end credentials are read again.
	refreshBefore = 5 * time.Minute
	// containerHost serves AWS_CONTAINER_CREDENTIALS_RELATIVE_URI.
	containerHost = "169.254.170.2"
)

var errNoCredentials = errors.New("no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
	"AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; nothing else is read")

// get returns credentials that are valid now. Two goroutines that find them expired both read new
// ones: neither waits for the other longer than its own context allows.
func (c *credentials) get(ctx context.Context, env *Env, w *wire) (aws.Credentials, error) {
	// Lambda sets them, and renews them only with a new process.
	if env.keyID != "" && env.secretKey != "" {
		return aws.Credentials{AccessKeyID: env.keyID, SecretAccessKey: env.secretKey, SessionToken: env.sessionToken}, nil
	}
	// The lock is not held while the container is asked, which may take as long as the context
	// allows.
	c.mu.Lock()
	kept := c.kept
	c.mu.Unlock()
	if kept.HasKeys() && (!kept.CanExpire || time.Until(kept.Expires) > refreshBefore) {
		return kept, nil
	}
	// In their last five minutes they are still valid. If they cannot be renewed, they serve until
	// they expire.
	holds := kept.HasKeys() && time.Now().Before(kept.Expires)
	reading := ctx
	if holds { // a container that hangs must not keep alerts from arriving
		var cancel func()
		reading, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	fresh, err := env.container.read(reading, w)
	if err != nil {
		if holds {
			return kept, nil
		}
		return aws.Credentials{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = fresh
	return fresh, nil
}

// forget makes the next get read again. It reports false if there is nothing to read: credentials
// of the environment stay what they are.
func (c *credentials) forget() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.kept.HasKeys()
	c.kept = aws.Credentials{}
	return kept
}

// read asks the container for credentials.
func (c *containerEnv) read(ctx context.Context, w *wire) (aws.Credentials, error) {
	fail := func(err error) (aws.Credentials, error) {
		return aws.Credentials{}, fmt.Errorf("AWS credentials: %w", err)
	}
	from, err := c.url()
	if errors.Is(err, errNoCredentials) {
		return aws.Credentials{}, err
	} else if err != nil {
		return fail(err)
	}
	// EKS replaces the token's file while the process runs.
	token, err := c.authorization()
	if err != nil {
		return fail(err)
	}
	r := (&http.Request{Method: http.MethodGet, URL: from, Header: http.Header{"Accept": {"application/json"}}}).WithContext(ctx)
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	// The wire goes to local addresses without a proxy, and follows no redirect, which would carry
	// the token elsewhere.
	response, err := w.do(r)
	if err != nil {
		return fail(&errTransient{err: err})
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	// Its body may hold a text of anybody's, so the status alone is shown.
	if response.StatusCode != http.StatusOK {
		return fail(statusError(response, ""))
	}
	var got struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		Token           string
		Expiration      time.Time
	}
	if err != nil || json.Unmarshal(body, &got) != nil || got.AccessKeyID == "" || got.SecretAccessKey == "" {
		return fail(&errTransient{err: errors.New("the response holds none")})
	}
	return aws.Credentials{
		AccessKeyID: got.AccessKeyID, SecretAccessKey: got.SecretAccessKey, SessionToken: got.Token,
		CanExpire: !got.Expiration.IsZero(), Expires: got.Expiration,
	}, nil
}

// url returns where credentials are served. Over plain http that must be this machine or one of the
// known addresses, because the request carries a token and the response a key.
func (c *containerEnv) url() (*url.URL, error) {
	switch {
	case c.relative != "":
		// "//evil.example/" would be another host, and "@evil.example/" would make the real one a
		// user.
		u, err := url.Parse(c.relative)
		if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") {
			return nil, errors.New("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path that starts with a single /")
		}
		u.Scheme, u.Host = "http", containerHost
		return u, nil
	case c.full != "":
		u, err := url.Parse(c.full)
		switch {
		case err != nil || u.Hostname() == "" || u.User != nil || u.Port() != "" && !isPort(u.Port()):
			return nil, errors.New("AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL of the form http://host:port/path")
		case u.Scheme == "https", u.Scheme == "http" && isLocal(u.Hostname()):
			return u, nil
		}
		return nil, errors.New("AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or on loopback, 169.254.170.2, " +
			"169.254.170.23 or [fd00:ec2::23]")
	}
	return nil, errNoCredentials
}

// authorization returns the token; "" means that none is sent.
func (c *containerEnv) authorization() (string, error) {
	token := c.token
	if c.tokenFile != "" {
		text, err := os.ReadFile(c.tokenFile)
		if err != nil {
			return "", errors.New("the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read")
		}
		token = string(text)
	}
	token = strings.TrimSpace(token)
	// A line feed would begin another header.
	if strings.ContainsAny(token, "\r\n") {
		return "", errors.New("the token has more than one line")
	}
	return token, nil
}
