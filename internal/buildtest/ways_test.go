package buildtest

import (
	"encoding/json"
	"io"
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

// A way is one way to call out: its name in package ways, and where to.
type way struct {
	name string
	to   func(*recorders) *recorder
	path string
	rule string // the entry that allows it; HOST stands for the target
}

func toHTTP(r *recorders) *recorder     { return r.http }
func toTLS(r *recorders) *recorder      { return r.tls }
func toStream(r *recorders) *recorder   { return r.stream }
func toDatagram(r *recorders) *recorder { return r.datagram }

const (
	allowHTTP  = "- http: http://HOST/a"
	allowHTTPS = "- http: https://HOST/a"
	allowNet   = "- net: HOST"
	// An AWS rule vouches for AWS's own endpoints only; the recorder is another.
	allowSNS = "- {aws: sns:Publish, resources: 'arn:aws:sns:eu-west-1:111122223333:t'}\n      - http: http://HOST/**"
)

var judgedWays = []way{
	{"http.Get", toHTTP, "/a", allowHTTP},
	{"http.DefaultClone", toHTTP, "/a", allowHTTP},
	{"transport literal", toHTTP, "/a", allowHTTP},
	{"transport h2", toTLS, "/a", allowHTTPS},
	{"x/net/http2", toHTTP, "/a", allowHTTP},
	{"dial in Proxy", toStream, "/a", allowNet},
	{"http, every value in the context", toHTTP, "/a", allowHTTP},
	{"net.Dialer, every value in the context", toStream, "", allowNet},
	{"http.ClientConn", toHTTP, "/a", "- http: http://HOST"}, // it dials before there is a request, so a path would be out of sight
	{"http through a proxy", toHTTP, "/a", "- http: http://allowed.example/a\n      - net: HOST"},
	{"aws sdk", toHTTP, "", allowSNS},
	{"net.Dial", toStream, "", allowNet},
	{"net.DialTimeout", toStream, "", allowNet},
	{"net.DialTCP", toStream, "", allowNet},
	{"Dialer.DialTCP", toStream, "", allowNet},
	{"net.Dial udp", toDatagram, "", allowNet},
	{"net.DialUDP", toDatagram, "", allowNet},
	{"tls.Dial", toTLS, "/a", allowNet},
	{"UDPConn.WriteTo", toDatagram, "", allowNet},
	{"UDPConn.WriteMsgUDP", toDatagram, "", allowNet},
	{"x/net/ipv4 WriteTo", toDatagram, "", allowNet},
	{"x/net/ipv4 WriteBatch", toDatagram, "", allowNet},
	{"syscall.Connect", toStream, "", allowNet},
	{"syscall.Sendto", toDatagram, "", allowNet},
	{"syscall.Sendmsg", toDatagram, "", allowNet},
	{"unix.Connect", toStream, "", allowNet},
	{"unix.Sendto", toDatagram, "", allowNet},
	{"unix.SendmsgN", toDatagram, "", allowNet},
	{"unix.SendmsgBuffers", toDatagram, "", allowNet},
}

// A function runs program fn in a folder with a policy beside it.
type function struct {
	*lambdatest.Function
	t *testing.T
}

// patience is a time that no test reaches, however busy the machine is.
const patience = 10 * time.Minute

func start(t *testing.T, binary, policy string, env ...string) *function {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "bootstrap")
	copyFile(t, binary, path)
	if policy != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policy), 0o600))
	}
	c := lambdatest.Config{Path: path, Name: "checkout", Env: env, Timeout: patience, InitTimeout: patience}
	if *emulator != "" {
		var err error
		c.Path, err = exec.LookPath(*emulator)
		require.NoError(t, err)
		c.Args = []string{path}
	}
	f, err := lambdatest.Start(c)
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return &function{f, t}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	require.NoError(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}

// call makes fn call out, and returns what the handler returned and the invocation's error.
func (f *function) call(name, target, path string) (string, *lambdatest.Error) {
	f.t.Helper()
	return f.calls(1, name, target, path)
}

// calls is call, many times at once.
func (f *function) calls(times int, name, target, path string) (string, *lambdatest.Error) {
	f.t.Helper()
	event, err := json.Marshal(map[string]any{"Way": name, "Target": target, "Path": path, "Times": times})
	require.NoError(f.t, err)
	result, err := f.Invoke(f.t.Context(), event, nil)
	require.NoError(f.t, err)
	var output string
	_ = json.Unmarshal(result.Body, &output) // an error has none
	return output, result.Error
}

// lines returns the log lines that hold text.
func (f *function) lines(text string) (found []string) {
	for line := range strings.Lines(f.Stdout()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

const denyAll = "version: 1\non_violation: block\nfunctions:\n  checkout:\n    whitelist: []\n"

func allow(rule, target string) string {
	return strings.Replace(denyAll, "whitelist: []", "whitelist:\n      "+strings.ReplaceAll(rule, "HOST", target), 1)
}

// Without the build word, and so without a guard, every way reaches its recorder: the recorders
// count.
func TestUnguardedCallsArrive(t *testing.T) {
	r, f := newRecorders(t), start(t, plain, denyAll)
	for _, w := range judgedWays {
		to := w.to(r)
		before := to.got.Load()
		output, failure := f.call(w.name, to.target, w.path)
		assert.Nil(t, failure, w.name)
		assert.Eventually(t, func() bool { return to.got.Load() > before }, 5*time.Second, time.Millisecond, "%s: %s", w.name, output)
	}
}

// With it, in block mode and with an empty whitelist, none does. Every call is refused with the
// guard's own error, fails its invocation and is reported once, with the function that made it.
func TestDeniedCallsDoNotArrive(t *testing.T) {
	r, f := newRecorders(t), start(t, guarded, denyAll)
	for _, w := range judgedWays {
		before := len(f.lines("outguard.alert/v1"))
		_, failure := f.call(w.name, w.to(r).target, w.path)
		if assert.NotNil(t, failure, w.name) {
			assert.Equal(t, "BlockedError", failure.Type, w.name)
			assert.Contains(t, failure.Message, "blocked by policy", w.name)
		}
		alerts := f.lines("outguard.alert/v1")
		if assert.Len(t, alerts, before+1, w.name) {
			assert.Contains(t, alerts[before], `"caller":"main.`, w.name)
		}
	}
	for name, to := range map[string]*recorder{"http": r.http, "tls": r.tls, "stream": r.stream, "datagram": r.datagram} {
		assert.Zero(t, to.got.Load(), name)
	}
}

// In alert mode a call that breaks the policy goes out, and the layers below the one that reports
// it do not report it again.
func TestOneAlertForOneCall(t *testing.T) {
	r, f := newRecorders(t), start(t, guarded, strings.Replace(denyAll, "block", "alert", 1))
	for _, w := range judgedWays {
		to := w.to(r)
		before, got := len(f.lines("outguard.alert/v1")), to.got.Load()
		output, failure := f.call(w.name, to.target, w.path)
		assert.Nil(t, failure, w.name)
		assert.Eventually(t, func() bool { return to.got.Load() > got }, 5*time.Second, time.Millisecond, "%s: %s", w.name, output)
		want := 1
		switch w.name {
		case "aws sdk": // the operation, and then its endpoint, which is not AWS's own
			want = 2
		case "http.ClientConn", "http through a proxy": // a dial and a request to another destination
			want = 2
		}
		assert.Len(t, f.lines("outguard.alert/v1"), before+want, w.name)
	}
}

// A rule that allows the call lets it through, whole.
func TestAllowedCallsArrive(t *testing.T) {
	for _, w := range judgedWays {
		t.Run(w.name, func(t *testing.T) {
			r := newRecorders(t)
			to := w.to(r)
			f := start(t, guarded, allow(w.rule, to.target))
			output, failure := f.call(w.name, to.target, w.path)
			assert.Nil(t, failure)
			assert.Equal(t, "sent", output)
			assert.Eventually(t, func() bool { return to.got.Load() > 0 }, 5*time.Second, time.Millisecond)
			assert.Empty(t, f.lines("outguard.alert/"))
		})
	}
}

// 10,000 calls, many of them at once: none of the denied ones arrives, and all of the allowed ones
// do.
func TestManyAtOnce(t *testing.T) {
	const many = 10_000
	for _, w := range judgedWays {
		switch w.name {
		case "http.Get", "transport literal", "transport h2", "aws sdk", "net.Dial", "UDPConn.WriteTo", "syscall.Connect", "unix.Sendto":
		default:
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			r := newRecorders(t)
			to := w.to(r)
			_, failure := start(t, guarded, denyAll).calls(many, w.name, to.target, w.path)
			if assert.NotNil(t, failure) {
				assert.Equal(t, "BlockedError", failure.Type)
			}
			assert.Zero(t, to.got.Load())

			output, failure := start(t, guarded, allow(w.rule, to.target)).calls(many, w.name, to.target, w.path)
			assert.Nil(t, failure)
			assert.Equal(t, "sent", output)
			each := int64(1)
			switch to {
			case r.stream:
				each = int64(len("hello"))
			case r.datagram:
				return // the kernel may drop datagrams
			}
			assert.Eventually(t, func() bool { return to.got.Load() == many*each }, time.Minute, time.Millisecond, "%d", to.got.Load())
		})
	}
}
