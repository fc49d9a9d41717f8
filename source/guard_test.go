package source

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/policy"
)

// A record is standard output.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

// lines returns the lines of a schema.
func (r *record) lines(t *testing.T, schema string) (all []map[string]any) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(r.b.String()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m), line)
		if m["schema"] == schema {
			all = append(all, m)
		}
	}
	return all
}

// guarded returns a guard with a source, and a function that runs one invocation, which calls do.
func guarded(t *testing.T, s Source, change func(*guard.Options)) (g *guard.Guard, log *record, invoke func(do func(context.Context)) error) {
	t.Helper()
	log = &record{}
	o := &guard.Options{Function: "pay", Region: "eu-west-1", Getenv: environment(), Stdout: log, Source: Of("test:policy", s)}
	if change != nil {
		change(o)
	}
	g = guard.New(compiled(t, strings.Replace(ownPolicy, "notify:", "#", 1)), o)
	handler, ok := g.Wrap(func(ctx context.Context, do func(context.Context)) error { do(ctx); return nil }).(func(context.Context, func(context.Context)) error)
	require.True(t, ok)
	t.Cleanup(func() { g.Close() })
	return g, log, func(do func(context.Context)) error { return handler(t.Context(), do) }
}

func call(url string) policy.Call {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		panic(err)
	}
	return policy.Call{HTTP: r, Via: policy.ViaTransport}
}

// TestAGuardFollowsASource runs the real guard: what is fetched in one invocation holds from the
// next one on, and lines and alerts say so.
func TestAGuardFollowsASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, public := signer(1)
		s := &fake{}
		s.set(document{data: sign(t, private, closed, 3, nil), version: "41"})
		g, log, invoke := guarded(t, s, func(o *guard.Options) { o.Keys = []string{public} })
		require.NoError(t, invoke(func(ctx context.Context) {
			time.Sleep(time.Minute)
			require.NoError(t, g.Check(ctx, call(stripe)))
		}))
		assert.Zero(t, s.count())
		require.NoError(t, invoke(func(ctx context.Context) {
			time.Sleep(time.Second)
			synctest.Wait()
			require.Equal(t, 1, s.count(), "fetched meanwhile")
			require.NoError(t, g.Check(ctx, call(stripe)), "judged by what it began with")
		}))
		var blocked *guard.BlockedError
		err := invoke(func(ctx context.Context) { _ = g.Check(ctx, call(stripe)) })
		require.ErrorAs(t, err, &blocked, "the new policy blocks, and fails the invocation")
		remote := blocked.Alert.Remote
		assert.Equal(t, "41", remote.Version)
		assert.Equal(t, 3, remote.Signed)
		assert.Equal(t, blocked.Alert.Policy, remote.SHA256)
		require.Len(t, blocked.Alert.Policies, 2)
		assert.Equal(t, remote.SHA256, blocked.Alert.Policies[1])
		assert.Equal(t, "test:policy", blocked.Alert.Place)

		start := log.lines(t, "outguard.start/v1")
		require.Len(t, start, 1)
		assert.Equal(t, "test:policy", start[0]["source"])
		assert.Equal(t, []any{remote.Key}, start[0]["keys"])
		assert.Nil(t, start[0]["remote"])
		lines := log.lines(t, "outguard.policy/v1")
		require.Len(t, lines, 1)
		assert.Equal(t, "applied", lines[0]["event"])
		assert.Equal(t, "block", lines[0]["mode"])
		assert.Equal(t, map[string]any{"version": "41", "sha256": remote.SHA256, "key": remote.Key, "signed": 3.0}, lines[0]["remote"])
		assert.Equal(t, lines[0]["age_seconds"], lines[0]["PolicyAge"])
		assert.NotNil(t, lines[0]["_aws"])
	})
}

func TestTheAlertAboutARefusedPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fake{}
		s.put([]byte("version: 1\nwhitelsit: []\n"))
		_, log, invoke := guarded(t, s, nil)
		for range 10 {
			require.NoError(t, invoke(func(context.Context) { time.Sleep(time.Minute) }))
		}
		synctest.Wait()
		alerts := log.lines(t, "outguard.alert/v1")
		require.Len(t, alerts, 1)
		assert.Equal(t, "policy-refused", alerts[0]["rule"])
		assert.Equal(t, "alert", alerts[0]["verdict"])
		assert.Equal(t, "test:policy", alerts[0]["place"])
		assert.Contains(t, alerts[0]["reason"], `test:policy:2:1: unknown key "whitelsit"`)
		assert.Contains(t, alerts[0]["reason"], "stays in effect")
		assert.Contains(t, alerts[0]["reason"], "SHA-256 begins with "+alerts[0]["policy"].(string)[:12])
		assert.Len(t, alerts[0]["policy"], 64)
		lines := log.lines(t, "outguard.policy/v1")
		require.NotEmpty(t, lines)
		assert.Equal(t, "refused", lines[0]["event"])
		require.Len(t, lines[0]["refused"], 64)
		assert.Contains(t, alerts[0]["reason"], "its SHA-256 begins with "+lines[0]["refused"].(string)[:12])
	})
}

// TestAnUnsignedDocumentShowsNoVariable: whoever can write to the source, and read the log, does
// not learn the function's environment.
func TestAnUnsignedDocumentShowsNoVariable(t *testing.T) {
	const secret = "correct-horse-battery"
	for _, c := range []struct{ name, document string }{
		{"reason", "version: 1\nblacklist: [{http: api.stripe.com, reason: \"${DB_PASSWORD:-none}\"}]\n"},
		{"owner and id", "version: 1\nowner: \"${DB_PASSWORD:-x}\"\nblacklist: [{http: api.stripe.com, id: \"a-${DB_PASSWORD:-x}\"}]\n"},
		{"host", "version: 1\nblacklist: [{http: api.stripe.com, except: \"${DB_PASSWORD:-x}.example\"}]\n"},
		{"error", "version: 1\non_violation: \"${DB_PASSWORD}\"\nblacklist: []\n"},
		{"malformed", "version: 1\nblacklist: [{http: \"https://a b/${DB_PASSWORD}\"}]\n"},
		{"a target", "version: 1\nblacklist: []\nnotify: [{slack: \"${DB_PASSWORD}\"}]\n"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			s := &fake{}
			s.put([]byte(c.document))
			g, log, invoke := guarded(t, s, func(o *guard.Options) {
				o.SourceAtStart, o.Getenv = true, environment("DB_PASSWORD", secret)
			})
			require.NoError(t, invoke(func(ctx context.Context) { require.NoError(t, g.Check(ctx, call(stripe))) }))
			require.NotEmpty(t, log.lines(t, "outguard.policy/v1"))
			assert.NotContains(t, log.b.String(), secret)
		})
	}
}

func TestWhatIsRefusedIsMasked(t *testing.T) {
	s := &fake{}
	s.put([]byte("sk_live_4eC39HqLyjWDarjtT1zdp7dc")) // a secret in the place of the policy
	_, log, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart = true })
	require.NoError(t, invoke(func(context.Context) {}))
	require.Len(t, log.lines(t, "outguard.policy/v1"), 1)
	assert.NotContains(t, log.b.String(), "sk_live_4eC39")
}

func TestTheTargetsOfAPolicyAtStart(t *testing.T) {
	var got atomic.Int32
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer receiver.Close()
	private, public := signer(1)
	s := &fake{}
	s.put(sign(t, private, "version: 1\nwhitelist: []\nnotify: [{webhook: \""+receiver.URL+"\"}]\n", 1, nil))
	g, log, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart, o.Keys = true, []string{public} })
	require.NoError(t, invoke(func(ctx context.Context) { require.NoError(t, g.Check(ctx, call(stripe))) }))
	assert.Equal(t, int32(1), got.Load(), "the invocation has waited for it")
	assert.Len(t, log.lines(t, "outguard.start/v1")[0]["targets"], 1, "the start line names it")
}

// TestInvocationsAtTheSameTimeKeepTheirPolicy is for processes that get several at once: there is
// no moment between invocations.
func TestInvocationsAtTheSameTimeKeepTheirPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, public := signer(1)
		s := &fake{}
		s.put(sign(t, private, closed, 1, nil))
		g, _, invoke := guarded(t, s, func(o *guard.Options) {
			o.Keys, o.Getenv = []string{public}, environment("AWS_LAMBDA_MAX_CONCURRENCY", "10")
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			assert.NoError(t, invoke(func(ctx context.Context) {
				for range 30 {
					time.Sleep(time.Minute)
					assert.NoError(t, g.Check(ctx, call(stripe)), "from its beginning to its end")
				}
			}))
		})
		for range 3 {
			time.Sleep(2 * time.Minute)
			_ = invoke(func(context.Context) {})
		}
		err := invoke(func(ctx context.Context) { _ = g.Check(ctx, call(stripe)) })
		assert.True(t, guard.IsBlocked(err), "one that began later is judged by the new policy")
		wg.Wait()
	})
}

// TestCountsOfANextPolicyAddUp: those of an invocation that keeps the policy it began with, too.
func TestCountsOfANextPolicyAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := testEnv
		env.FS = fstest.MapFS{"next.yaml": {Data: []byte(open1)}}
		p, err := policy.Parse("policy.yaml", []byte("version: 1\nnext: next.yaml\non_violation: alert\nwhitelist: []\n"), env)
		require.NoError(t, err)
		s, log := &fake{}, &record{}
		s.put([]byte(closed))
		g := guard.New(p, &guard.Options{Getenv: environment("AWS_LAMBDA_MAX_CONCURRENCY", "10"), Stdout: log, Source: Of("test:", s)})
		t.Cleanup(func() { g.Close() })
		handler, _ := g.Wrap(func(ctx context.Context, do func(context.Context)) error { do(ctx); return nil }).(func(context.Context, func(context.Context)) error)
		check := func(ctx context.Context) { assert.NoError(t, g.Check(ctx, call(stripe))) }
		var wg sync.WaitGroup
		wg.Go(func() {
			assert.NoError(t, handler(t.Context(), func(ctx context.Context) {
				for range 10 {
					check(ctx)
					time.Sleep(time.Minute)
				}
			}))
		})
		for range 4 {
			time.Sleep(2 * time.Minute)
			assert.NoError(t, handler(t.Context(), func(context.Context) {}))
		}
		wg.Wait()
		require.NotNil(t, log.lines(t, "outguard.policy/v1"), "it has changed meanwhile")
		require.NoError(t, g.Flush(t.Context()))
		counted := 0
		for _, l := range log.lines(t, "outguard.next/v1") {
			counted += int(l["count"].(float64))
		}
		assert.Equal(t, 10, counted)
	})
}

func TestAnAllowedCallCostsNoAllocation(t *testing.T) {
	s := &fake{}
	s.put([]byte(open1))
	g, _, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart = true })
	require.NoError(t, invoke(func(ctx context.Context) {
		c := call(stripe)
		alloctest.AtMost(t, 0, func() { _ = g.Check(ctx, c) })
	}))
	assert.Equal(t, 1, s.count())
}

func TestTheKillSwitchIsInTheStartLine(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	s.put(sign(t, private, closed, 1, func(c *signedpolicy.Claims) { c.Until, c.Reason = c.Signed.Add(time.Hour), "incident 12" }))
	g, log, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart, o.Keys = true, []string{public} })
	require.NoError(t, invoke(func(ctx context.Context) { require.NoError(t, g.Check(ctx, call(github))) }))
	start := log.lines(t, "outguard.start/v1")
	require.Len(t, start, 1)
	assert.Equal(t, "WARN", start[0]["level"])
	assert.Contains(t, start[0]["warnings"], start[0]["remote"].(map[string]any)["cap"])
	alerts := log.lines(t, "outguard.alert/v1")
	require.Len(t, alerts, 1)
	assert.Equal(t, "alert", alerts[0]["verdict"])
	assert.Contains(t, alerts[0]["remote"].(map[string]any)["cap"], "blocks are alerts until")
	assert.Contains(t, alerts[0]["remote"].(map[string]any)["cap"], "incident 12")
}

// TestWhoIsNotified: the targets of a signed policy count, and those of an unsigned one do not.
func TestWhoIsNotified(t *testing.T) {
	private, public := signer(1)
	for _, signs := range []bool{true, false} {
		t.Run(fmt.Sprintf("signed=%v", signs), func(t *testing.T) {
			port, asked := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
			text := closed + "notify: [{webhook: \"http://127.0.0.1:" + port + "/\", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]\n"
			s := &fake{}
			s.put([]byte(text))
			if signs {
				s.put(sign(t, private, text, 1, nil))
			}
			g, log, invoke := guarded(t, s, func(o *guard.Options) {
				o.SourceAtStart = true
				if signs {
					o.Keys = []string{public}
				}
			})
			_ = invoke(func(ctx context.Context) { _ = g.Check(ctx, call(github)) })
			require.Len(t, log.lines(t, "outguard.alert/v1"), 1)
			want := 0
			if signs {
				want = 1
			}
			assert.EqualValues(t, want, asked.Load())
		})
	}
}

// TestASourceThatNobodyLinks is in package guard's tests; here the program links it.
func TestTheSourceOfTheEnvironment(t *testing.T) {
	for _, c := range []struct{ url, name, warning string }{
		{"file:/nowhere/policy.yaml", "file:/nowhere/policy.yaml", ""},
		{"https://example.com/", "", `OUTGUARD_SOURCE has no effect: source "https://example.com/" begins with none of`},
		{"https://me:hush@example.com/policy.yaml?X-Amz-Signature=hush", "", `source "https://example.com/policy.yaml" begins with none of`},
		{"", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, log, invoke := guarded(t, &fake{}, func(o *guard.Options) {
				o.Source, o.Getenv = nil, environment("OUTGUARD_SOURCE", c.url)
			})
			require.NoError(t, invoke(func(context.Context) {}))
			start := log.lines(t, "outguard.start/v1")
			require.Len(t, start, 1)
			assert.NotContains(t, log.b.String(), "hush")
			if c.name == "" {
				assert.Nil(t, start[0]["source"])
			} else {
				assert.Equal(t, c.name, start[0]["source"])
			}
			if c.warning != "" {
				text, _ := json.Marshal(start[0]["warnings"])
				assert.Contains(t, strings.ReplaceAll(string(text), `\"`, `"`), c.warning)
			}
		})
	}
}

// TestAnEqualGuardInTheMiddleOfAnInvocation has a source, and has asked it.
func TestAnEqualGuardInTheMiddleOfAnInvocation(t *testing.T) {
	private, public := signer(1)
	first, _, invoke := guarded(t, nil, func(o *guard.Options) { o.Source, o.Keys = nil, []string{public} })
	s := &fake{}
	s.put(sign(t, private, open1, 1, func(c *signedpolicy.Claims) { c.Replaces = signedpolicy.Own }))
	err := invoke(func(ctx context.Context) {
		guarded(t, s, func(o *guard.Options) { o.SourceAtStart, o.Keys = true, []string{public} })
		assert.Error(t, first.Check(ctx, call(github)), "judged by one policy from beginning to end")
	})
	assert.True(t, guard.IsBlocked(err))
	require.NoError(t, invoke(func(ctx context.Context) { assert.NoError(t, first.Check(ctx, call(github))) }))
}

// TestEqualGuardsFollowOneSource loads a guard twice, as the short form of a dependency does.
func TestEqualGuardsFollowOneSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, public := signer(1)
		first, _, invokeFirst := guarded(t, nil, func(o *guard.Options) { o.Source, o.Keys = nil, []string{public} })
		s := &fake{}
		s.put(sign(t, private, closed, 1, nil))
		second, _, _ := guarded(t, s, func(o *guard.Options) { o.Keys = []string{public} })
		for range 3 {
			require.NoError(t, invokeFirst(func(context.Context) { time.Sleep(time.Minute) }))
			synctest.Wait()
		}
		err := invokeFirst(func(ctx context.Context) {
			assert.Error(t, first.Check(ctx, call(stripe)))
			assert.Error(t, second.Check(ctx, call(stripe)))
		})
		assert.True(t, guard.IsBlocked(err))
	})
}

// TestEqualGuardsWithSourcesOfTheirOwn loads a guard, and then an equal one as a dependency may do.
func TestEqualGuardsWithSourcesOfTheirOwn(t *testing.T) {
	private, public := signer(1)
	open2 := func(by ed25519.PrivateKey) []byte { return sign(t, by, open1, 1, inPlaceOfOwn) }
	options := func(keys ...string) func(*guard.Options) {
		return func(o *guard.Options) { o.SourceAtStart, o.Keys = true, keys }
	}
	for _, c := range []struct {
		name                string
		first, second       func(*guard.Options)
		firstHas, secondHas []byte // nil: no source
		firstName           string
		allowed             bool // what the packaged policy forbids
		says                string
	}{
		{"only the second has one", options(public), options(public), nil, open2(private), "", true, "follows the source test:second with the keys"},
		{"only the first has one", options(public), options(public), open2(private), nil, "test:first", true, ""},
		{"two without keys", options(), options(), []byte(open1), []byte(closed), "test:first", false, "test:second without keys, which has no effect"},
		{"the same", options(public), options(public), open2(private), open2(private), "test:second", true, ""},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			follows := func(name string, data []byte, change func(*guard.Options)) func(*guard.Options) {
				return func(o *guard.Options) {
					change(o)
					if o.Source = nil; data != nil {
						s := &fake{}
						s.put(data)
						o.Source = Of(name, s)
					}
				}
			}
			first, firstLog, invoke := guarded(t, nil, follows(c.firstName, c.firstHas, c.first))
			second, secondLog, _ := guarded(t, nil, follows("test:second", c.secondHas, c.second))
			var gaps []string
			for _, l := range append(firstLog.lines(t, "outguard.gap/v1"), secondLog.lines(t, "outguard.gap/v1")...) {
				if gap := l["gap"].(string); strings.Contains(gap, " follows ") { // the other is about Stdout
					gaps = append(gaps, gap)
				}
			}
			for _, g := range []*guard.Guard{first, second} {
				err := invoke(func(ctx context.Context) { _ = g.Check(ctx, call(github)) })
				assert.Equal(t, c.allowed, err == nil, "%v", err)
			}
			if c.says == "" {
				assert.Empty(t, gaps)
				return
			}
			require.Len(t, gaps, 1)
			assert.Contains(t, gaps[0], c.says)
			assert.Contains(t, gaps[0], " loads an equal guard")
		})
	}
}

// TestAnotherSourceLoosensNothing: whoever loads an equal guard with a source and keys of their own
// has a guard beside the first, whichever comes first. Both judge.
func TestAnotherSourceLoosensNothing(t *testing.T) {
	private, public := signer(1)
	other, foreign := signer(2)
	opens := sign(t, other, open1, 1, inPlaceOfOwn)
	for name, own := range map[string]func(*guard.Options){
		"without one":  func(o *guard.Options) { o.Source = nil },
		"without keys": func(o *guard.Options) { o.SourceAtStart, o.Source = true, of([]byte(closed)) },
		"with another key": func(o *guard.Options) {
			o.SourceAtStart, o.Source, o.Keys = true, of(sign(t, private, closed, 1, nil)), []string{public}
		},
	} {
		for _, strangerFirst := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				stranger := func() {
					guarded(t, nil, func(o *guard.Options) { o.SourceAtStart, o.Source, o.Keys = true, of(opens), []string{foreign} })
				}
				if strangerFirst {
					stranger()
				}
				g, _, invoke := guarded(t, nil, own)
				if !strangerFirst {
					stranger()
				}
				assert.True(t, guard.IsBlocked(invoke(func(ctx context.Context) {
					assert.True(t, guard.IsBlocked(g.Check(ctx, call(github))))
				})))
				_, err := http.Get(github)
				assert.True(t, guard.IsBlocked(err), "%v", err)
			})
		}
	}
}

func of(data []byte) guard.Source {
	s := &fake{}
	s.put(data)
	return Of("test:policy", s)
}
