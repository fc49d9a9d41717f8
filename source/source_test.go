package source

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

func environment(pairs ...string) func(string) string {
	env := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return env[name] }
}

func TestURLs(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"appconfig:shop/prod/policy", ""},
		{"appconfig:my shop/prod/policy", ""},
		{"appconfig:shop/prod", "appconfig:APP/ENV/PROFILE"},
		{"appconfig:shop/prod/policy/x", "appconfig:APP/ENV/PROFILE"},
		{"appconfig:shop/../policy", "appconfig:APP/ENV/PROFILE"},
		{"appconfig:shop/pr?od/policy", "appconfig:APP/ENV/PROFILE"},
		{"appconfig://localhost/a/b/c", "appconfig:APP/ENV/PROFILE"},
		{"s3://policies/prod/policy.yaml", ""},
		{"s3://policies.example.com/policy.yaml?region=eu-west-1", ""},
		{"s3://policies/policy.yaml?versionId=1", "s3://BUCKET/KEY"},
		{"s3://policies", "s3://BUCKET/KEY"},
		{"s3://policies/", "s3://BUCKET/KEY"},
		{"s3://policies/../x", "s3://BUCKET/KEY"},
		{"s3://policies/a b", "s3://BUCKET/KEY"},
		{"s3://evil.example:443/x", "s3://BUCKET/KEY"},
		{"s3://user@policies/x", "s3://BUCKET/KEY"},
		{"s3:policies/x", "s3://BUCKET/KEY"},
		{"ssm:/outguard/policy", ""},
		{"ssm:policy", ""},
		{"ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/outguard/policy", ""},
		{"ssm:", "ssm:/NAME"},
		{"ssm:a:b", "ssm:/NAME"},
		{"file:/opt/policy.yaml", ""},
		{"file:policy.yaml", "file:/PATH"},
		{"file://host/policy.yaml", ""}, // a path with two slashes
		{"https://example.com/policy.yaml", "begins with none of"},
		{"policy.yaml", "begins with none of"},
		{"", "begins with none of"},
	} {
		t.Run(strings.Map(func(r rune) rune {
			if strings.ContainsRune("?:/@ ", r) {
				return '_'
			}
			return r
		}, c.url), func(t *testing.T) {
			got, err := open(c.url, environment())
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
				require.Nil(t, got)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.url, newFollowerOf(t, got).About().Name)
		})
	}
}

func newFollowerOf(t *testing.T, s guard.Source) *follower {
	t.Helper()
	h := &testHost{}
	f, ok := s.Follow(h).(*follower)
	require.True(t, ok)
	return f
}

// serve returns the port of a server on loopback, and how often it was asked.
func serve(t *testing.T, h http.HandlerFunc) (port string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	return port, asked
}

func fetchFrom(t *testing.T, url string, env ...string) (data []byte, version string, err error) {
	t.Helper()
	o, err := opener(url, environment(env...))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	data, sig, version, err := o.Fetch(ctx, "")
	require.Nil(t, sig)
	return data, version, err
}

// AppConfig's agent gives the version in a header that is spelled in two ways.
func TestTheVersionOfAppConfig(t *testing.T) {
	for _, header := range []string{"Configuration-Version", "ConfigurationVersion"} {
		port, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, "7")
			w.Write([]byte(closed))
		})
		data, version, err := fetchFrom(t, "appconfig:shop/prod/policy", "AWS_APPCONFIG_EXTENSION_HTTP_PORT", port)
		require.NoError(t, err)
		assert.Equal(t, closed, string(data))
		assert.Equal(t, "7", version, header)
	}
}

// TestWhatTheSourceRespondsDoesNoHarm has what a source, or something in its place, may respond.
func TestWhatTheSourceRespondsDoesNoHarm(t *testing.T) {
	elsewhere, reached := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(closed)) })
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		want string
	}{
		{"a policy", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Configuration-Version", "7")
			w.Write([]byte(closed))
		}, ""},
		{"HTML", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write([]byte("version: 1\n"))
		}, "a page of HTML"},
		{"HTML by its looks", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-yaml")
			w.Write([]byte(" \n<html>"))
		}, "a page of HTML"},
		{"10 MB", func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("# comment\n"), 1<<20)) }, "more than 1024 KB"},
		{"without an end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("#\n"), 1<<10)); err != nil {
					return
				}
			}
		}, "more than 1024 KB"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://localhost:"+elsewhere+"/", http.StatusFound)
		}, "redirects are not followed"},
		{"an error", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			w.Write([]byte(closed))
		}, "502"},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "204"},
		{"a part", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte("version: 1\n"))
		}, "206"},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("version: 1\n"))
		}, "cut"},
		{"large headers", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			w.Write([]byte(closed))
		}, "the request failed"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			port, asked := serve(t, c.h)
			data, version, err := fetchFrom(t, "appconfig:shop/prod/policy", "AWS_APPCONFIG_EXTENSION_HTTP_PORT", port)
			if c.want == "" {
				require.NoError(t, err)
				assert.Equal(t, closed, string(data))
				assert.Equal(t, "7", version)
			} else {
				require.ErrorContains(t, err, c.want)
				assert.Nil(t, data)
			}
			assert.EqualValues(t, 1, asked.Load())
			assert.Zero(t, reached.Load())
		})
	}
	t.Run("a_slow_drip", func(t *testing.T) {
		port, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte("#")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(time.Millisecond):
				}
			}
		})
		o, err := opener("appconfig:shop/prod/policy", environment("AWS_APPCONFIG_EXTENSION_HTTP_PORT", port))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, _, _, err = o.Fetch(ctx, "")
		assert.ErrorContains(t, err, "no response in time")
	})
	t.Run("nobody", func(t *testing.T) {
		_, _, err := fetchFrom(t, "appconfig:shop/prod/policy", "AWS_APPCONFIG_EXTENSION_HTTP_PORT", "1")
		assert.ErrorContains(t, err, "connect")
		_, _, err = fetchFrom(t, "appconfig:shop/prod/policy", "AWS_APPCONFIG_EXTENSION_HTTP_PORT", "x")
		assert.ErrorContains(t, err, "port")
	})
}

var credentials = []string{"AWS_REGION", "eu-west-1", "AWS_ACCESS_KEY_ID", "ASIARTX3GSDSQAABCDEF", "AWS_SECRET_ACCESS_KEY", "secret", "AWS_SESSION_TOKEN", "token"}

func TestS3(t *testing.T) {
	port, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "GET /policies/prod/policy.yaml", r.Method+" "+r.URL.Path)
		assert.Contains(t, r.Header.Get("Authorization"), "Credential=ASIARTX3GSDSQAABCDEF/")
		assert.Contains(t, r.Header.Get("Authorization"), "/eu-central-1/s3/aws4_request")
		assert.Equal(t, "token", r.Header.Get("X-Amz-Security-Token"))
		assert.NotEmpty(t, r.Header.Get("X-Amz-Content-Sha256"))
		w.Header().Set("ETag", `"abc"`)
		if r.Header.Get("If-None-Match") == `"abc"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write([]byte(closed))
	})
	o, err := opener("s3://policies/prod/policy.yaml?region=eu-central-1", environment(append(credentials, "AWS_ENDPOINT_URL_S3", "http://localhost:"+port)...))
	require.NoError(t, err)
	data, _, version, err := o.Fetch(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, closed, string(data))
	assert.Equal(t, `"abc"`, version)
	data, _, version, err = o.Fetch(t.Context(), version)
	require.NoError(t, err)
	assert.Nil(t, data)
	assert.Equal(t, `"abc"`, version)
	data, _, _, err = o.Fetch(t.Context(), `"old"`)
	require.NoError(t, err)
	assert.Equal(t, closed, string(data))

	denied, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte(`<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>secret</Message></Error>`))
	})
	_, _, err = fetchFrom(t, "s3://policies/x", append(credentials, "AWS_ENDPOINT_URL_S3", "http://localhost:"+denied)...)
	require.ErrorContains(t, err, "the function's role does not allow s3:GetObject, or the object is not there")
	assert.NotContains(t, err.Error(), "secret")
	_, _, err = fetchFrom(t, "s3://policies/x", "AWS_REGION", "eu-west-1", "AWS_ENDPOINT_URL_S3", "http://localhost:"+denied)
	assert.ErrorContains(t, err, "no AWS credentials")
	_, _, err = fetchFrom(t, "s3://policies/x")
	assert.ErrorContains(t, err, "no AWS region")
}

func TestSSM(t *testing.T) {
	port, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "AmazonSSM.GetParameter", r.Header.Get("X-Amz-Target"))
		w.Write([]byte(`{"Parameter":{"Name":"/outguard/policy","Value":"version: 1\nwhitelist: []\n","Version":3}}`))
	})
	data, version, err := fetchFrom(t, "ssm:/outguard/policy", append(credentials, "AWS_ENDPOINT_URL_SSM", "http://localhost:"+port)...)
	require.NoError(t, err)
	assert.Equal(t, "version: 1\nwhitelist: []\n", string(data))
	assert.Equal(t, "3", version)
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	_, _, err := fetchFrom(t, "file:"+path)
	require.Error(t, err)
	require.NoError(t, os.WriteFile(path, []byte(closed), 0o644))
	data, _, err := fetchFrom(t, "file:"+path)
	require.NoError(t, err)
	assert.Equal(t, closed, string(data))
	_, _, err = fetchFrom(t, "file:"+filepath.Dir(path))
	assert.ErrorContains(t, err, "not a regular file")
	require.NoError(t, os.WriteFile(path, make([]byte, 2<<20), 0o644))
	_, _, err = fetchFrom(t, "file:"+path)
	assert.ErrorContains(t, err, "1024 KB")
}

// A curious source of the program asks another host on its way.
type curious struct{ url string }

func (c curious) Fetch(ctx context.Context, _ string) ([]byte, []byte, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return nil, nil, "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, nil, "", err
	}
	response.Body.Close()
	return []byte(closed), nil, "", nil
}

// TestOnlyOwnSourcesAreNotJudged installs a guard that blocks everything. A source from a URL gets
// through it, and a source of the program does not.
func TestOnlyOwnSourcesAreNotJudged(t *testing.T) {
	port, asked := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(closed)) })
	p, err := policy.Parse("policy.yaml", []byte(closed), testEnv)
	require.NoError(t, err)
	g := guard.New(p, &guard.Options{Function: "pay", Getenv: environment(), Stdout: new(bytes.Buffer)})
	_ = g.Install() // other tests have used http.DefaultTransport, which it reports
	t.Cleanup(func() { g.Close() })

	_, _, err = fetchFrom(t, "appconfig:shop/prod/policy", "AWS_APPCONFIG_EXTENSION_HTTP_PORT", port)
	require.NoError(t, err)
	assert.EqualValues(t, 1, asked.Load())

	f := newFollowerOf(t, Of("mine", curious{"http://localhost:" + port + "/"}))
	_, _, _, err = f.source.Fetch(t.Context(), "")
	require.Error(t, err)
	assert.True(t, guard.IsBlocked(err), err)
	assert.EqualValues(t, 1, asked.Load())
}
