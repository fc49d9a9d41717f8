package bench

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/policy"
	_ "github.com/outguard/outguard/source" // for OUTGUARD_SOURCE
)

// This file simulates a fleet: real guards that follow a source over loopback, by a virtual clock.

// fleetSize returns how many containers there are: usually few, more with LONG=1, and any number
// with FLEET. README.md has the figures of FLEET=10000.
func fleetSize(t *testing.T, usually, long int) int {
	t.Helper()
	text := os.Getenv("FLEET")
	if text == "" {
		return corpustest.Times(usually, long)
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "FLEET")
	return n
}

// emulator is AppConfig's extension of every container, and S3. Container N asks for policy-N, so
// that a rollout can reach some of them.
type emulator struct {
	now      atomic.Pointer[rollout]
	requests atomic.Int64
	received atomic.Int64 // with a document
	port     string
}

// A rollout is what the containers get: those below share the new document.
type rollout struct {
	old, next []byte
	share     int
}

func newEmulator(t *testing.T, first *rollout) *emulator {
	t.Helper()
	// package net makes its configuration at the first look-up, which must not be in a bubble
	_, err := (&net.Resolver{}).LookupHost(t.Context(), "localhost")
	require.NoError(t, err)
	e := &emulator{}
	e.now.Store(first)
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	_, e.port, err = net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	return e
}

func (e *emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.requests.Add(1)
	_, number, _ := strings.Cut(r.URL.Path, "policy-")
	n, err := strconv.Atoi(number)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	current := e.now.Load()
	document, tag := current.old, `"old"`
	if n < current.share {
		document, tag = current.next, `"next"`
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Configuration-Version", strings.Trim(tag, `"`))
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	e.received.Add(1)
	_, _ = w.Write(document)
}

const (
	fleetOpen  = "version: 1\non_violation: block\nwhitelist: [{http: api.stripe.com}]\n"
	fleetWider = "version: 1\non_violation: block\nwhitelist: [{http: [api.stripe.com, api.example.com]}]\n"
	fleetBad   = "version: 1\non_violation: block\nwhitelist: []\n"
)

// fleetKey signs the policies of the fleet.
var fleetKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{17}, ed25519.SeedSize))

// signFleet returns a document that takes the place of the functions' own policies.
func signFleet(t *testing.T, text string, version, back uint64, now time.Time) []byte {
	t.Helper()
	c := signedpolicy.Claims{Function: "*", Version: version, Back: back, Signed: now, Expires: now.Add(24 * time.Hour), Replaces: signedpolicy.Own}
	sig, _, err := signedpolicy.Sign(fleetKey, []byte(text), c)
	require.NoError(t, err)
	d, err := signedpolicy.Join([]byte(text), sig)
	require.NoError(t, err)
	return d
}

// A container runs a function.
type container struct {
	invoke func(url string) (blocked bool)
}

func newContainer(t *testing.T, p *policy.Policy, source string, env map[string]string) *container {
	env["OUTGUARD_SOURCE"] = source
	g := guard.New(p, &guard.Options{
		Function: "pay", Stdout: io.Discard, Keys: []string{string(signedpolicy.FromEd25519(fleetKey.Public().(ed25519.PublicKey)).Text())},
		Getenv: func(name string) string { return env[name] },
	})
	handler, ok := g.Wrap(func(ctx context.Context, url string) (bool, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false, err
		}
		return g.Check(ctx, policy.Call{HTTP: r, Via: policy.ViaTransport}) != nil, nil
	}).(func(context.Context, string) (bool, error))
	require.True(t, ok)
	g.Uninstall() // in this process there are many
	return &container{func(url string) bool {
		blocked, err := handler(t.Context(), url)
		return blocked || err != nil
	}}
}

// fleet runs containers that are invoked every 10 s, until the time is over. each is called for
// each invocation.
func fleet(t *testing.T, containers int, span time.Duration, source func(n int) string, env func() map[string]string, url string,
	each func(n int, blocked bool)) {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(fleetOpen), policy.Env{Function: "pay"})
	require.NoError(t, err)
	const every = 10 * time.Second
	end := time.Now().Add(span)
	var wg sync.WaitGroup
	for n := range containers {
		c := newContainer(t, p, source(n), env())
		wg.Go(func() {
			time.Sleep(rand.N(every))
			for time.Now().Before(end) {
				each(n, c.invoke(url))
				time.Sleep(every)
			}
		})
	}
	wg.Wait()
}

// TestAChangeReachesTheFleet changes the policy of a fleet by S3 and by AppConfig. It is in effect
// in every container within five minutes of traffic.
func TestAChangeReachesTheFleet(t *testing.T) {
	containers := fleetSize(t, 60, 2_000)
	const span, change = 10 * time.Minute, 3 * time.Minute
	for _, kind := range []string{"s3", "appconfig"} {
		t.Run(kind, func(t *testing.T) {
			e := newEmulator(t, &rollout{})
			var last atomic.Int64 // when a container still had the policy before, after the change
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				e.now.Store(&rollout{old: signFleet(t, fleetOpen, 1, 0, began)})
				go func() {
					time.Sleep(change)
					e.now.Store(&rollout{next: signFleet(t, fleetWider, 2, 1, time.Now()), share: containers})
				}()
				source := func(n int) string { return fmt.Sprintf("s3://policies/policy-%d", n) }
				if kind == "appconfig" {
					source = func(n int) string { return fmt.Sprintf("appconfig:shop/prod/policy-%d", n) }
				}
				env := func() map[string]string {
					return map[string]string{
						"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "ASIARTX3GSDSQAABCDEF", "AWS_SECRET_ACCESS_KEY": "secret",
						"AWS_ENDPOINT_URL_S3": "http://localhost:" + e.port, "AWS_APPCONFIG_EXTENSION_HTTP_PORT": e.port,
					}
				}
				fleet(t, containers, span, source, env, "https://api.example.com/", func(_ int, blocked bool) {
					if at := time.Since(began); blocked && at > change {
						for {
							before := last.Load()
							if int64(at) <= before || last.CompareAndSwap(before, int64(at)) {
								break
							}
						}
					}
				})
			})
			took := time.Duration(last.Load()) - change
			perMinute := float64(e.requests.Load()) / float64(containers) / span.Minutes()
			t.Logf("%d containers: in effect everywhere after %v; %.2f requests a minute and container, %.1f documents received by each",
				containers, took.Round(time.Second), perMinute, float64(e.received.Load())/float64(containers))
			assert.Positive(t, took)
			assert.Less(t, took, 5*time.Minute)
			assert.Less(t, perMinute, 1.0, "at most once a minute")
			if kind == "s3" {
				assert.EqualValues(t, 2*containers, e.received.Load(), "each version once")
			}
		})
	}
}

// TestABadPolicyIsRolledBack rolls a policy out that blocks everything, as deploy/appconfig.yaml
// does: by powers of two in 20 minutes, with an alarm on the blocks of a minute. The alarm is
// evaluated a minute late. Few invocations fail, and none from then on.
func TestABadPolicyIsRolledBack(t *testing.T) {
	containers := fleetSize(t, 100, 1_000)
	const (
		begin = 3 * time.Minute
		span  = begin + 50*time.Minute // the rollout and the time in which it is watched
		steps = 8                      // 1, 2, 4, … 64, 100 %
	)
	e := newEmulator(t, &rollout{})
	var all, blocked, late, perMinute atomic.Int64
	var back atomic.Int64 // when it was rolled back
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		good := signFleet(t, fleetOpen, 1, 0, began)
		e.now.Store(&rollout{old: good})
		go func() {
			time.Sleep(begin)
			bad := signFleet(t, fleetBad, 2, 1, time.Now())
			for minute := range 20 {
				if minute > 1 && perMinute.Load() > int64(containers/100) {
					e.now.Store(&rollout{old: good})
					back.Store(int64(time.Since(began)))
					return
				}
				perMinute.Store(0)
				percent := min(100, 1<<(minute*steps/20))
				e.now.Store(&rollout{old: good, next: bad, share: containers * percent / 100})
				time.Sleep(time.Minute)
			}
		}()
		source := func(n int) string { return fmt.Sprintf("appconfig:shop/prod/policy-%d", n) }
		env := func() map[string]string { return map[string]string{"AWS_APPCONFIG_EXTENSION_HTTP_PORT": e.port} }
		fleet(t, containers, span, source, env, "https://api.stripe.com/", func(_ int, isBlocked bool) {
			all.Add(1)
			if !isBlocked {
				return
			}
			blocked.Add(1)
			perMinute.Add(1)
			if at := back.Load(); at > 0 && time.Since(began) > time.Duration(at)+2*time.Minute {
				late.Add(1)
			}
		})
	})
	share := float64(blocked.Load()) / float64(all.Load())
	t.Logf("%d containers: rolled back %v after the rollout began; %d of %d invocations failed, %.2f %%",
		containers, time.Duration(back.Load())-begin, blocked.Load(), all.Load(), 100*share)
	assert.Positive(t, back.Load(), "it was rolled back")
	assert.Positive(t, blocked.Load(), "it was a bad policy")
	assert.LessOrEqual(t, share, 0.01)
	assert.Zero(t, late.Load(), "two minutes after the rollback nothing fails")
}
