package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/lambdatest"
)

// This file runs the processes of the fleet: real functions under the real lambda.Start, by the
// real clock.

// A crew is functions in processes of their own. Each is invoked once a second and calls a server
// that only the document of the source allows.
type crew struct {
	emulator  *emulator
	functions []*lambdatest.Function
	url       string // what they call
	arrived   *atomic.Int64
}

// newCrew builds the function and starts processes that follow S3 or AppConfig.
func newCrew(t *testing.T, processes int) *crew {
	t.Helper()
	c := &crew{emulator: newEmulator(t, &rollout{}), arrived: new(atomic.Int64)}
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { c.arrived.Add(1) }))
	t.Cleanup(s.Close)
	c.url = s.URL
	path := filepath.Join(t.TempDir(), "fleetfn")
	build := exec.Command("go", "build", "-o", path, "./fleetfn")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)
	for n := range processes {
		source := fmt.Sprintf("s3://policies/policy-%d", n)
		if n%2 == 1 {
			source = fmt.Sprintf("appconfig:shop/prod/policy-%d", n)
		}
		f, err := lambdatest.Start(lambdatest.Config{Path: path, Name: "pay", Timeout: 30 * time.Second, InitTimeout: time.Minute, Env: []string{
			"OUTGUARD_SOURCE=" + source, "AWS_ENDPOINT_URL_S3=http://localhost:" + c.emulator.port,
			"AWS_APPCONFIG_EXTENSION_HTTP_PORT=" + c.emulator.port,
		}})
		require.NoError(t, err)
		t.Cleanup(f.Close)
		c.functions = append(c.functions, f)
	}
	return c
}

// allows returns a policy that allows what the functions call.
func (c *crew) allows() string {
	return "version: 1\non_violation: block\nwhitelist: [{http: api.stripe.com}, {http: \"" + c.url + "\"}]\n"
}

// put makes a document the one of the source.
func (c *crew) put(document []byte) {
	c.emulator.now.Store(&rollout{next: document, share: len(c.functions)})
}

// until invokes every function once a second until its calls go out, or until they do not. It
// returns how long that took, for the slowest.
func (c *crew) until(t *testing.T, goesOut bool, limit time.Duration) time.Duration {
	t.Helper()
	event, err := json.Marshal(c.url)
	require.NoError(t, err)
	began := time.Now()
	var slowest atomic.Int64
	var wg sync.WaitGroup
	for n, f := range c.functions {
		wg.Go(func() {
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				r, err := f.Invoke(t.Context(), event, nil)
				took := time.Since(began)
				switch {
				case !assert.NoError(t, err):
					return
				case r.Error != nil && !assert.Contains(t, r.Error.Message, "blocked by policy"):
					return
				case (r.Error == nil) == goesOut:
					for before := slowest.Load(); int64(took) > before && !slowest.CompareAndSwap(before, int64(took)); before = slowest.Load() {
					}
					return
				case !assert.Less(t, took, limit, "process %d: %s", n, lastLines(f.Stdout())):
					return
				}
				<-tick.C
			}
		})
	}
	wg.Wait()
	return time.Duration(slowest.Load())
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "\n")
}

// TestProcessesFollowASource: the packaged policy of each process blocks a call; a signed document
// allows it in every process within five minutes of traffic. In the long form, a bad document is
// then rolled out, and rolled back.
func TestProcessesFollowASource(t *testing.T) {
	const limit = 5 * time.Minute
	long := corpustest.Times(0, 1) == 1 || os.Getenv("FLEET") != ""
	processes := 2
	if long {
		processes = 20
	}
	c := newCrew(t, processes)
	now := time.Now()
	c.put(signFleet(t, c.allows(), 1, 0, now))
	first := c.until(t, true, limit)
	t.Logf("%d processes: the first document was in effect everywhere after %v", len(c.functions), first.Round(time.Second))
	for _, f := range c.functions {
		assert.Contains(t, f.Stdout(), `"event":"applied"`)
		assert.True(t, f.Running(), "it is the process that was started")
	}
	if !long {
		return
	}
	c.emulator.now.Store(&rollout{old: signFleet(t, fleetBad, 2, 1, time.Now())})
	bad := c.until(t, false, limit)
	c.put(signFleet(t, c.allows(), 1, 0, now))
	back := c.until(t, true, limit)
	t.Logf("%d processes: a document that blocks everything after %v, its rollback after %v; %d requests to the source, %d documents",
		len(c.functions), bad.Round(time.Second), back.Round(time.Second), c.emulator.requests.Load(), c.emulator.received.Load())
	assert.EqualValues(t, 3*len(c.functions), c.emulator.received.Load(), "each document once")
}
