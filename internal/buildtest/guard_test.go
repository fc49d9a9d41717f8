package buildtest

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The second request on an open HTTP/2 connection is judged like the first.
func TestPooledHTTP2(t *testing.T) {
	r := newRecorders(t)
	f := start(t, guarded, allow(allowHTTPS, r.tls.target))
	_, failure := f.call("pooled h2", r.tls.target, "")
	require.NotNil(t, failure)
	assert.Equal(t, "BlockedError", failure.Type)
	assert.Contains(t, failure.Message, "/b")
	assert.EqualValues(t, 1, r.tls.got.Load())
	assert.Equal(t, "/a", *r.tls.last.Load())
}

// A rule for a name lets a driver through that looks the name up and dials the address.
func TestDialOfALearnedAddress(t *testing.T) {
	r := newRecorders(t)
	_, port, err := net.SplitHostPort(r.stream.target)
	require.NoError(t, err)
	f := start(t, guarded, allow("- net: localhost:"+port, ""))
	_, failure := f.call("net.Dial", r.stream.target, "")
	require.NotNil(t, failure, "no name is known yet")
	got, failure := f.call("lookup, then dial", r.stream.target, "")
	assert.Nil(t, failure)
	assert.Equal(t, "sent", got)
	assert.Eventually(t, func() bool { return r.stream.got.Load() == 5 }, 5*time.Second, time.Millisecond)
}

// That a dial is allowed says nothing of one that is made with its context.
func TestADialInsideADial(t *testing.T) {
	r := newRecorders(t)
	f := start(t, guarded, allow("- net: 192.0.2.1:1", ""))
	_, failure := f.call("dial in ControlContext", r.stream.target, "")
	require.NotNil(t, failure)
	assert.Equal(t, "BlockedError", failure.Type)
	assert.Contains(t, failure.Message, r.stream.target)
	assert.Zero(t, r.stream.got.Load())
}

// A resolver of the code's own reaches no name server but those of the system.
func TestAnotherNameServer(t *testing.T) {
	r, f := newRecorders(t), start(t, guarded, denyAll)
	_, failure := f.call("another name server", r.datagram.target, "")
	require.NotNil(t, failure)
	assert.Equal(t, "BlockedError", failure.Type)
	assert.Contains(t, failure.Message, r.datagram.target)
	assert.Zero(t, r.datagram.got.Load())
}

// What any resolver asks the system's name servers is judged by the name.
func TestQuestionsOfAResolver(t *testing.T) {
	f := start(t, guarded, denyAll)
	for _, name := range []string{"a resolver's question", "a resolver's question, without a context"} {
		_, failure := f.call(name, "", "")
		if assert.NotNil(t, failure, name) {
			assert.Equal(t, "BlockedError", failure.Type)
			assert.Contains(t, failure.Message, "secret.exfil.example")
		}
	}
}

// A request that is only written into memory is not a call.
func TestADumpedRequestIsNotACall(t *testing.T) {
	r, f := newRecorders(t), start(t, guarded, denyAll)
	got, failure := f.call("httputil.DumpRequestOut", r.tls.target, "/a")
	assert.Nil(t, failure)
	assert.Equal(t, "sent", got)
	assert.Empty(t, f.lines("outguard.alert/"))
}

// A Unix socket and a child process are allowed, whatever the policy, and each is reported once.
// The kernel is not a destination.
func TestReportedOnly(t *testing.T) {
	r, f := newRecorders(t), start(t, guarded, denyAll)
	for range 3 {
		for _, w := range []struct{ name, target string }{{"net.Dial unix", r.unix.target}, {"os/exec", ""}, {"syscall.ForkExec", ""}, {"net.Interfaces", ""}} {
			got, failure := f.call(w.name, w.target, "")
			assert.Nil(t, failure, w.name)
			assert.Equal(t, "sent", got, w.name)
		}
	}
	assert.Eventually(t, func() bool { return r.unix.got.Load() == 15 }, 5*time.Second, time.Millisecond)
	lines := f.lines("outguard.unjudged/v1")
	require.Len(t, lines, 3)
	assert.Contains(t, lines[0], `"unix":"`+r.unix.target+`"`)
	assert.Contains(t, lines[1], `"child":"/bin/true"`)
	assert.Contains(t, lines[2], `"child":"/bin/echo"`)
	assert.NotContains(t, strings.Join(lines, ""), "secret")
	assert.Contains(t, lines[1], `"caller":"main.`)
	assert.Empty(t, f.lines("outguard.alert/"))
}

func TestStartLineNamesTheBuild(t *testing.T) {
	for binary, want := range map[string]string{guarded: "on", build(t, "go", "./loaded"): "off"} {
		f := start(t, binary, denyAll, "POLICY="+denyAll)
		_, _ = f.call("", "", "")
		lines := f.lines("outguard.start/v1")
		require.Len(t, lines, 1)
		var line struct{ Layers map[string]string }
		require.NoError(t, json.Unmarshal([]byte(lines[0]), &line))
		assert.Equal(t, want, line.Layers["build"])

		dir := t.TempDir()
		write(t, dir, "policy.yaml", denyAll)
		got := run(t, dir, nil, command, "validate", "-binary", binary)
		assert.Equal(t, want == "on", strings.Contains(got.stdout, "layers: all, because outguard go has built it"), got.stdout)
	}
}

// What is inserted is small. Program loaded links the guard in both builds.
func TestSizeOfTheBuild(t *testing.T) {
	size := func(by string) int64 {
		info, err := os.Stat(build(t, by, "./loaded"))
		require.NoError(t, err)
		return info.Size()
	}
	added := size("outguard") - size("go")
	t.Logf("%d bytes", added)
	assert.Less(t, added, int64(100_000))
}

// The emergency exit is in every start line.
func TestALayerThatIsSwitchedOff(t *testing.T) {
	f := start(t, guarded, denyAll, "OUTGUARD_LAYERS=-names")
	_, _ = f.call("", "", "")
	lines := f.lines("outguard.start/v1")
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], `"level":"WARN"`)
	assert.Contains(t, lines[0], "OUTGUARD_LAYERS=-names switches layers off")
}

// Without a policy a function refuses every invocation, so it cannot run unguarded unseen.
func TestNoPolicy(t *testing.T) {
	r, f := newRecorders(t), start(t, guarded, "")
	for _, w := range judgedWays {
		_, failure := f.call(w.name, w.to(r).target, w.path)
		if assert.NotNil(t, failure, w.name) {
			assert.Equal(t, "PolicyError", failure.Type, w.name)
		}
	}
	assert.Zero(t, r.http.got.Load()+r.tls.got.Load()+r.stream.got.Load()+r.datagram.got.Load())
}

// A function that may call everything may still not call the Lambda Runtime API, which its runtime
// uses all the time.
func TestRuntimeAPI(t *testing.T) {
	any := strings.Replace(denyAll, "whitelist: []", "whitelist: [{http: any, reason: test}, {net: any, reason: test}, {aws: any, reason: test}]", 1)
	f := start(t, guarded, any)
	for range 3 {
		_, failure := f.call("runtime api", "", "/2018-06-01/runtime/invocation/next")
		require.NotNil(t, failure)
		assert.Equal(t, "BlockedError", failure.Type)
		assert.Contains(t, failure.Message, "lambda-runtime")
	}
}

// A program that loads the guard has the same guard in code and in the build, and each call is
// judged and reported once.
func TestTheGuardThatCodeLoads(t *testing.T) {
	binary := build(t, "outguard", "./loaded")
	r := newRecorders(t)
	env := []string{"HOST=" + r.http.target, "POLICY=" + strings.Replace(allow(allowHTTP, "HOST"), "block", "alert", 1)}
	f := start(t, binary, "", env...)
	for i, way := range []struct {
		name, path string
		alerts     int
	}{{"transport", "/a", 0}, {"default", "/a", 0}, {"transport", "/x", 1}, {"default", "/x", 1}, {"stranger", "/a", 0}, {"stranger", "/x", 1}, {"sdk", "", 2}} {
		before := len(f.lines("outguard.alert/v1"))
		_, failure := f.call(way.name, r.http.target, way.path)
		assert.Nil(t, failure)
		assert.Len(t, f.lines("outguard.alert/v1"), before+way.alerts, way.name)
		assert.EqualValues(t, i+1, r.http.got.Load(), way.name)
	}
}

// To judge a host that is not ASCII, the guard asks a transport of net/http, whose hook must not
// ask the guard again.
func TestAHostThatNetHTTPMaps(t *testing.T) {
	binary := build(t, "outguard", "./loaded")
	r := newRecorders(t)
	f := start(t, binary, "", "POLICY="+allow(allowHTTP, r.http.target))
	_, failure := f.call("transport", "b\u00fccher.example:1", "/x")
	require.NotNil(t, failure)
	assert.Contains(t, failure.Message, "xn--bcher-kva.example")
	assert.Len(t, f.lines("outguard.alert/v1"), 1)
}

// A call before code loads its policy is refused, and refuses nothing after that.
func TestACallBeforeLoad(t *testing.T) {
	binary := build(t, "outguard", "./loaded")
	r := newRecorders(t)
	f := start(t, binary, "", "EARLY=1", "HOST="+r.http.target, "POLICY="+allow(allowHTTP, "HOST"))
	_, failure := f.call("default", r.http.target, "/a")
	assert.Nil(t, failure)
	assert.EqualValues(t, 1, r.http.got.Load())
	assert.Len(t, f.lines("early:"), 1)
	assert.Contains(t, f.Stdout(), "/a\": outguard: no policy")
}

// An option that changes the input behind the guard's middleware changes it before the verdict.
func TestNothingComesBetweenVerdictAndSerializer(t *testing.T) {
	binary := build(t, "outguard", "./loaded")
	r := newRecorders(t)
	f := start(t, binary, "", "POLICY="+allow(allowSNS, r.http.target), "TOPIC=arn:aws:sns:eu-west-1:111122223333:other")
	_, failure := f.call("sdk", r.http.target, "")
	require.NotNil(t, failure)
	assert.Contains(t, failure.Message, "other")
	assert.Zero(t, r.http.got.Load())
}

// A handler is wrapped, and keeps its content type, if lambda.NewHandlerWithOptions made it, and if
// the start function with type parameters gets it.
func TestEveryStartFunctionWraps(t *testing.T) {
	for _, how := range []string{"handler", "generic"} {
		t.Run(how, func(t *testing.T) { startedBy(t, how) })
	}
}

func startedBy(t *testing.T, how string) {
	binary := build(t, "outguard", "./loaded")
	r := newRecorders(t)
	f := start(t, binary, "", "START="+how, "POLICY="+allow(allowHTTP, r.http.target))
	event, err := json.Marshal(map[string]string{"Way": "transport", "Target": r.http.target, "Path": "/a"})
	require.NoError(t, err)
	result, err := f.Invoke(t.Context(), event, nil)
	require.NoError(t, err)
	assert.Nil(t, result.Error)
	assert.Equal(t, "sent", string(result.Body))
	assert.Equal(t, "text/x-page", result.ContentType)

	_, failure := f.call("transport", r.http.target, "/x")
	require.NotNil(t, failure)
	assert.Equal(t, "BlockedError", failure.Type)
}

// build builds a program of this module by the go command or by outguard, and returns its path. The
// same program is built once.
func build(t *testing.T, by, pkg string) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(command), by+"-"+filepath.Base(pkg))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	args := append(goBuild(path), pkg)
	if by == "outguard" {
		args = append([]string{command}, args...)
	}
	got := run(t, ".", buildEnv(), args...)
	require.Zero(t, got.exit, got.stderr)
	return path
}
