package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sinkmark"
)

func mustRequest(t *testing.T, to string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	require.NoError(t, err)
	return r
}

func TestWhereCredentialsAreReadFrom(t *testing.T) {
	for _, c := range []struct{ full, relative, want string }{ // want "": an error
		{"http://127.0.0.1:9001/2021-04-23/credentials", "", "http://127.0.0.1:9001/2021-04-23/credentials"},
		{"http://localhost:7000/creds", "", "http://localhost:7000/creds"},
		{"http://[::1]:80/creds", "", "http://[::1]:80/creds"},
		{"http://169.254.170.2/v2/x", "", "http://169.254.170.2/v2/x"},
		{"http://169.254.170.23/v1/credentials", "", "http://169.254.170.23/v1/credentials"},
		{"http://[fd00:ec2::23]/v1/credentials", "", "http://[fd00:ec2::23]/v1/credentials"},
		{"https://credentials.example/x", "", "https://credentials.example/x"},
		{"", "/v2/credentials/1-2", "http://169.254.170.2/v2/credentials/1-2"},
		{"", "/get?id=1", "http://169.254.170.2/get?id=1"},
		{"https://credentials.example/x", "/v2", "http://169.254.170.2/v2"}, // as in the SDK
		{"http://credentials.example/x", "", ""},
		{"http://169.254.169.254/latest/meta-data", "", ""},
		{"http://169.254.170.2@evil.example/", "", ""},
		{"http://127.0.0.1.evil.example/", "", ""},
		{"http://169.254.170.2:80@evil.example/", "", ""},
		{"http://[fe80::1%25eth0]/", "", ""},
		{"http://127.0.0.1:0/", "", ""},
		{"ftp://127.0.0.1/", "", ""},
		{"127.0.0.1:9001", "", ""},
		{"http:///x", "", ""},
		{"", "@evil.example/", ""},
		{"", "//evil.example/", ""},
		{"", ".evil.example/", ""},
		{"", "https://evil.example/", ""},
		{"", "v2/credentials", ""},
		{"", "", ""},
	} {
		u, err := (&containerEnv{full: c.full, relative: c.relative}).url()
		if c.want == "" {
			assert.Error(t, err, c)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, u.String())
	}
}

// A container answers its n-th request by the n-th response, and keeps the tokens.
type container struct {
	answers []string
	tokens  []string
}

func (c *container) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.tokens = append(c.tokens, r.Header.Get("Authorization"))
	response := c.answers[min(len(c.tokens), len(c.answers))-1]
	if response == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, response)
}

func (c *container) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w.Result(), nil
}

func key(id string, expires time.Time) string {
	return fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":"s3cr3t","Token":"session","Expiration":%q}`, id, expires.Format(time.RFC3339))
}

// serveContainer makes c what http.DefaultTransport reaches, and returns a client with its
// credentials.
func serveContainer(t *testing.T, c *container, env map[string]string) *awsClient {
	transport := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = transport })
	http.DefaultTransport = c
	all := map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/creds"}
	for k, v := range env {
		all[k] = v
	}
	return newAWSClient(testEnv(all))
}

func TestCredentialsOfAContainerAreRefreshedBeforeTheyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		hours := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
		c := &container{answers: []string{key("A", hours(1)), key("B", hours(2)), "", "", key("C", hours(3))}}
		client := serveContainer(t, c, nil)
		get := func() string {
			got, err := client.credentials.get(t.Context(), client.env, &client.wire)
			if err != nil {
				return err.Error()
			}
			return got.AccessKeyID
		}
		assert.Equal(t, "A", get())
		time.Sleep(54 * time.Minute)
		assert.Equal(t, "A", get())
		assert.Len(t, c.tokens, 1)
		time.Sleep(2 * time.Minute)
		assert.Equal(t, "B", get(), "four minutes before the end")
		time.Sleep(time.Hour)
		assert.Equal(t, "B", get(), "cannot be read again, but still holds")
		time.Sleep(time.Hour)
		assert.Equal(t, "AWS credentials: answered 500 Internal Server Error", get())
		assert.Equal(t, "C", get())
	})
}

// Credentials that AWS calls expired are read again, whatever their container said of them.
func TestCredentialsThatAreNoLongerValidAreReadAgain(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(10 * time.Hour)
	served := &container{answers: []string{key("AKIAOLD", later), key("AKIANEW", later)}}
	at := httptest.NewServer(served)
	defer at.Close()
	for _, code := range []string{"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"} {
		served.tokens = nil
		sns := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if assert.NoError(t, r.ParseForm()); strings.Contains(r.Header.Get("Authorization"), "AKIANEW") {
				published(w, r.Form)
				return
			}
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code></Error></ErrorResponse>", code)
		}))
		of := func(key string) *SNS {
			return &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a", Env: testEnv(map[string]string{
				"AWS_ENDPOINT_URL": sns.URL, "AWS_ACCESS_KEY_ID": key, "AWS_CONTAINER_CREDENTIALS_FULL_URI": at.URL + "/creds",
			})}
		}
		assert.NoError(t, of("").Notify(sinkmark.With(t.Context()), examples["seen_http"]), code)
		var failed *DeliveryError
		require.ErrorAs(t, of("AKIAOLD").Notify(sinkmark.With(t.Context()), examples["seen_http"]), &failed, code)
		assert.True(t, failed.Permanent, "%s: those of the environment stay what they are", code)
		sns.Close()
	}
}

// A container that hangs keeps no alert back while the credentials that it gave before hold.
func TestAContainerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := false
		client := newAWSClient(testEnv(map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/creds"}))
		transport := http.DefaultTransport
		defer func() { http.DefaultTransport = transport }()
		served := &container{answers: []string{key("A", time.Now().Add(time.Hour))}}
		http.DefaultTransport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if hangs {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return served.RoundTrip(r)
		})
		get := func() (string, time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			got, _ := client.credentials.get(ctx, client.env, &client.wire)
			return got.AccessKeyID, time.Since(start)
		}
		get()
		hangs = true
		time.Sleep(57 * time.Minute)
		id, took := get()
		assert.Equal(t, "A", id, "three minutes before the end")
		assert.Equal(t, time.Second, took)
		time.Sleep(3 * time.Minute)
		id, took = get()
		assert.Empty(t, id)
		assert.Equal(t, 5*time.Second, took)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheTokenOfAContainer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("from a file\n"), 0o600))
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN": "plain"}, "plain"},
		{map[string]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "plain"}, "from a file"},
		{map[string]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nonexistent"}, "AWS credentials: the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read"},
		{map[string]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nHost: b"}, "AWS credentials: the token has more than one line"},
	} {
		served := &container{answers: []string{key("A", time.Now().Add(time.Hour))}}
		client := serveContainer(t, served, c.env)
		_, err := client.credentials.get(t.Context(), client.env, &client.wire)
		if err != nil {
			assert.EqualError(t, err, c.want)
			assert.Empty(t, served.tokens)
			continue
		}
		assert.Equal(t, []string{c.want}, served.tokens)
	}
}

func TestWithoutCredentialsOneLineNamesWhatIsRead(t *testing.T) {
	s := &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a", Env: ReadEnv(func(string) string { return "" })}
	err := s.Notify(t.Context(), examples["seen_http"])
	assert.EqualError(t, err, "sns a: no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "+
		"AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; nothing else is read")
	var failed *DeliveryError
	require.True(t, errors.As(err, &failed))
	assert.True(t, failed.Permanent)
}
