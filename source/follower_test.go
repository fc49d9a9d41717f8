package source

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/policy"
)

// The tests of this file say what must never happen, each.

func TestUnsignedIsJoinedAndAlertsAtMost(t *testing.T) {
	for _, c := range []struct {
		name, document        string
		stripe, github, evils policy.Verdict
	}{
		{"nothing", "", policy.Allow, policy.Block, policy.Block},
		{"allows everything", open1, policy.Allow, policy.Block, policy.Block},
		{"blocks everything", closed, policy.Alert, policy.Block, policy.Block},
		{"logs everything", strings.Replace(closed, "block", "log", 1), policy.Log, policy.Block, policy.Block},
		{"a rule blocks", "version: 1\nblacklist: [{http: \"api.stripe.com\", on_violation: block}]\n", policy.Alert, policy.Block, policy.Block},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			s := &fake{}
			f, h := following(t, s, ownPolicy, centralPolicy, nil)
			if c.document != "" {
				s.put([]byte(c.document))
				f.round()
				require.Empty(t, h.alerted())
			}
			assert.Equal(t, c.stripe, verdict(t, h, stripe))
			assert.Equal(t, c.github, verdict(t, h, github))
			assert.Equal(t, c.evils, verdict(t, h, evil))
			for _, target := range h.Current().Notify {
				assert.NotContains(t, target.Slack, "attacker", "its notify: is ignored")
			}
		})
	}
}

func TestABadDocumentTakesNothingDown(t *testing.T) {
	for _, c := range []struct{ name, document, reason string }{
		{"empty", "", "version"},
		{"not YAML", "{{{{", ""},
		{"HTML", "<!DOCTYPE html><html>Service Unavailable</html>", ""},
		{"unknown key", "version: 1\nwhitelsit: []\n", `did you mean "whitelist"?`},
		{"another version", "version: 2\n", ""},
		{"no section", "version: 1\nfunctions: {checkout: {whitelist: []}}\n", `no section matches function "pay"`},
		{"an alias bomb", "version: 1\na: &a [x,x]\nb: [*a,*a]\n", ""},
		{"a null list", "version: 1\nwhitelist:\n", ""},
		{"a feed", "version: 1\nblacklist: [{feed: hosts.txt}]\n", "feed"},
		{"two documents", "version: 1\nblacklist: []\n---\nversion: 1\n", ""},
		{"an unknown stage", "version: 1\non_violation: {dev: block}\nwhitelist: []\n", ""},
		{"bytes", "\x00\xff\xfe", ""},
		{"large for an unsigned one", "version: 1\nblacklist: []\n# " + strings.Repeat("x", 128<<10), "128 KB"},
		{"large", "# " + strings.Repeat("x", 10<<20), "1024 KB"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			s := &fake{}
			f, h := following(t, s, ownPolicy, centralPolicy, nil)
			before := h.Current()
			s.put([]byte(c.document))
			for range 5 {
				f.round()
			}
			assert.Same(t, before, h.Current())
			require.Len(t, h.alerted(), 1, "one alert, however often it is fetched")
			assert.Contains(t, h.alerted()[0], c.reason)
			assert.Contains(t, h.alerted()[0], "stays in effect")

			s.put([]byte(closed))
			f.round()
			assert.Equal(t, policy.Alert, verdict(t, h, stripe), "a good one takes effect after it")
			assert.Len(t, h.alerted(), 1)
		})
	}
}

func TestAFailedFetchChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, public := signer(1)
		s := &fake{}
		f, h := following(t, s, ownPolicy, centralPolicy, withKeys(t, "", public))
		s.put(sign(t, private, closed, 1, nil))
		f.round()
		require.Equal(t, policy.Block, verdict(t, h, stripe), "a signed policy blocks")
		before := h.Current()
		s.set(document{err: errDown})
		for range 2 * 24 * 60 { // two days, longer than Lambda keeps a container
			time.Sleep(time.Minute)
			f.round()
		}
		assert.Same(t, before, h.Current())
		assert.Equal(t, policy.Block, verdict(t, h, evil))
		require.Len(t, h.alerted(), 1)
		assert.Contains(t, h.alerted()[0], "could not be fetched: answered 503")
		last := h.lines[len(h.lines)-1]
		assert.Equal(t, "failed", last.Event)
		assert.Greater(t, last.Age, 47*time.Hour, "the age grows")
		assert.Less(t, len(h.lines), 2*24*60/5+10, "the age is logged every five minutes at most")

		s.put(sign(t, private, strings.Replace(closed, "block", "log", 1), 2, nil))
		f.round()
		assert.Equal(t, policy.Log, verdict(t, h, stripe), "and it goes on when the source is back")
	})
}

// A container that was idle for long has an old policy. A fetch of it that a freeze cuts is not
// logged: the line is the metric of the policy's age, on which alarms are set.
func TestOneFailureAfterALongTimeIsNotLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fake{}
		f, h := following(t, s, ownPolicy, "", nil)
		s.put([]byte(closed))
		f.round()
		before := len(h.lines)
		for i := range 2 * (mayFail - 1) {
			time.Sleep(time.Hour)
			s.set(document{err: errDown})
			if i%mayFail == mayFail-1 {
				s.set(document{data: []byte(closed)})
			}
			f.round()
		}
		for _, l := range h.lines[before:] {
			assert.Equal(t, "confirmed", l.Event)
			assert.Zero(t, l.Age)
		}
		assert.Empty(t, h.alerted())
	})
}

func TestNoCallAndNoInvocationWaitsForTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fake{hang: make(chan struct{})}
		f, h := following(t, s, ownPolicy, "", nil)
		began := time.Now()
		for range 100 {
			at := time.Now()
			f.Begin()
			f.Ask()
			assert.Equal(t, policy.Allow, verdict(t, h, stripe))
			f.End()
			assert.Zero(t, time.Since(at))
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		assert.Equal(t, 1, s.count(), "one Fetch at a time, in all of %v", time.Since(began))
		assert.Len(t, h.alerted(), 1)
		close(s.hang)
		synctest.Wait()
	})
}

func TestASourceThatPanics(t *testing.T) {
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", nil)
	f.source = nil
	for range 4 {
		f.round()
	}
	assert.Len(t, h.alerted(), 1)
	assert.Equal(t, policy.Block, verdict(t, h, github))
}

func TestNoPolicyIsSwappedInTheMiddleOfAnInvocation(t *testing.T) {
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", nil)
	f.Begin()
	before := h.Current()
	s.put([]byte(closed))
	f.fetch(fetchBudget)
	f.Begin() // another one at the same time, as of a handler that is wrapped twice
	assert.Same(t, before, h.Current())
	f.End()
	assert.Same(t, before, h.Current())
	f.End()
	assert.Same(t, before, h.Current(), "nothing happens between invocations either")
	f.Begin()
	assert.NotSame(t, before, h.Current())
	assert.Equal(t, policy.Alert, verdict(t, h, stripe))
	f.End()
}

func TestTheSourceIsAskedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fake{}
		s.put([]byte(closed))
		f, h := following(t, s, ownPolicy, "", nil)
		assert.Zero(t, s.count(), "not at start")
		invoke := func() {
			f.Begin()
			f.Ask()
			time.Sleep(time.Second)
			synctest.Wait()
			f.End()
		}
		invoke()
		assert.Zero(t, s.count(), "nor in the first invocation")
		for range 3600 {
			invoke()
		}
		assert.InDelta(t, 53, s.count(), 6, "in an hour")
		assert.Equal(t, policy.Alert, verdict(t, h, stripe))
		n := s.count()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		assert.Equal(t, n, s.count(), "without invocations it is not asked")
	})
}

func TestAClockThatWasAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fake{}
		f, _ := following(t, s, ownPolicy, "", nil)
		f.due.Store(time.Now().AddDate(1, 0, 0).UnixNano())
		f.Ask()
		synctest.Wait()
		assert.Equal(t, 1, s.count())
		f.Ask()
		synctest.Wait()
		assert.Equal(t, 1, s.count(), "once a minute all the same")
	})
}

func TestAtStartIfAsked(t *testing.T) {
	s := &fake{}
	s.put([]byte(closed))
	_, h := following(t, s, ownPolicy, "", func(f *sourceapi.Facts) { f.AtStart = true })
	assert.Equal(t, 1, s.count())
	assert.Equal(t, policy.Alert, verdict(t, h, stripe))

	synctest.Test(t, func(t *testing.T) {
		s := &fake{hang: make(chan struct{})}
		began := time.Now()
		_, h := following(t, s, ownPolicy, "", func(f *sourceapi.Facts) { f.AtStart = true })
		assert.Equal(t, startBudget, time.Since(began), "a source that hangs holds up a start for so long at most")
		assert.Equal(t, policy.Block, verdict(t, h, github))
		close(s.hang)
	})
}

// TestWhoMayDoWhat has what a signature may change, by whose key it is.
func TestWhoMayDoWhat(t *testing.T) {
	replaces := func(s signedpolicy.Scope) func(*signedpolicy.Claims) {
		return func(c *signedpolicy.Claims) { c.Replaces = s }
	}
	capped := func(c *signedpolicy.Claims) { c.Until, c.Reason = c.Signed.Add(time.Hour), "incident" }
	for _, c := range []struct {
		name                 string
		central              bool // a central key signs
		text                 string
		claims               func(*signedpolicy.Claims)
		stripe, github, evil policy.Verdict
		refused              string
	}{
		{"own key joins", false, open1, nil, policy.Allow, policy.Block, policy.Block, ""},
		{"own key blocks", false, closed, nil, policy.Block, policy.Block, policy.Block, ""},
		{"own key replaces own", false, open1, replaces(signedpolicy.Own), policy.Allow, policy.Allow, policy.Block, ""},
		{"own key replaces central", false, open1, replaces(signedpolicy.Central), policy.Allow, policy.Block, policy.Block, "takes a key of a layer"},
		{"own key replaces all", false, open1, replaces(signedpolicy.All), policy.Allow, policy.Block, policy.Block, "takes a key of a layer"},
		{"own key caps own", false, closed, capped, policy.Alert, policy.Alert, policy.Block, ""},
		{"central key joins", true, open1, nil, policy.Allow, policy.Block, policy.Block, ""},
		{"central key replaces central", true, open1, replaces(signedpolicy.Central), policy.Allow, policy.Block, policy.Block, ""},
		{"central key replaces own", true, open1, replaces(signedpolicy.Own), policy.Allow, policy.Allow, policy.Block, ""},
		{"central key replaces all", true, open1, replaces(signedpolicy.All), policy.Allow, policy.Allow, policy.Allow, ""},
		{"central key caps all", true, closed, capped, policy.Alert, policy.Alert, policy.Alert, ""},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			ownKey, ownPublic := signer(1)
			centralKey, centralPublic := signer(2)
			by := ownKey
			if c.central {
				by = centralKey
			}
			s := &fake{}
			f, h := following(t, s, ownPolicy, centralPolicy, withKeys(t, ownPublic, centralPublic))
			s.put(sign(t, by, c.text, 1, c.claims))
			f.round()
			assert.Equal(t, c.stripe, verdict(t, h, stripe))
			assert.Equal(t, c.github, verdict(t, h, github))
			assert.Equal(t, c.evil, verdict(t, h, evil))
			if c.refused != "" {
				require.Len(t, h.alerted(), 1)
				assert.Contains(t, h.alerted()[0], c.refused)
				return
			}
			require.Empty(t, h.alerted())
			remote := h.Current().Remote
			assert.Len(t, remote.Key, 16)
			assert.Equal(t, 1, remote.Signed)
			assert.Len(t, remote.SHA256, 64)
		})
	}
}

func TestWithKeysASignatureIsRequired(t *testing.T) {
	private, public := signer(1)
	stranger, strangerPublic := signer(9)
	for _, c := range []struct {
		name   string
		keys   func(*sourceapi.Facts)
		data   []byte
		reason string
	}{
		{"unsigned", withKeys(t, public, ""), []byte(closed), "not signed"},
		{"unsigned with a central key", withKeys(t, "", public), []byte(closed), "not signed"},
		{"a stranger", withKeys(t, public, ""), sign(t, stranger, closed, 1, nil), "not one of this function's keys"},
		{"a key that cannot be read", withKeys(t, "x", ""), sign(t, private, closed, 1, nil), "not one of this function's keys"},
		{"a central key that cannot be read", withKeys(t, "", "x"), sign(t, private, closed, 1, nil), "not one of this function's keys"},
		{"another function", withKeys(t, public, ""), sign(t, private, closed, 1, func(c *signedpolicy.Claims) { c.Function = "checkout" }), `signed for the functions "checkout"`},
		{"expired", withKeys(t, public, ""), sign(t, private, closed, 1, func(c *signedpolicy.Claims) {
			c.Signed, c.Expires = c.Signed.Add(-48*time.Hour), c.Signed.Add(-24*time.Hour)
		}), "expired"},
		{"from the future", withKeys(t, public, ""), sign(t, private, closed, 1, func(c *signedpolicy.Claims) { c.Signed = c.Signed.Add(time.Hour) }), "in the future"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			s := &fake{}
			f, h := following(t, s, ownPolicy, "", c.keys)
			before := h.Current()
			s.put(c.data)
			f.round()
			assert.Same(t, before, h.Current())
			require.Len(t, h.alerted(), 1)
			assert.Contains(t, h.alerted()[0], c.reason)
			assert.True(t, f.About().Signed)
		})
	}
	t.Run("two_keys", func(t *testing.T) {
		s := &fake{}
		f, h := following(t, s, ownPolicy, "", func(f *sourceapi.Facts) { f.Keys = []string{public, strangerPublic} })
		s.put(sign(t, private, closed, 1, nil))
		f.round()
		assert.Equal(t, policy.Block, verdict(t, h, stripe))
		s.put(sign(t, stranger, open1, 2, func(c *signedpolicy.Claims) { c.Replaces = signedpolicy.Own }))
		f.round()
		assert.Equal(t, policy.Allow, verdict(t, h, github), "keys are rotated")
		assert.Empty(t, h.alerted())
	})
}

func TestNoGoingBack(t *testing.T) {
	private, public := signer(1)
	ownKey, ownPublic := signer(2)
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", withKeys(t, ownPublic, public))
	old := sign(t, private, open1, 4, func(c *signedpolicy.Claims) { c.Replaces = signedpolicy.All })
	s.put(sign(t, private, closed, 5, nil))
	f.round()
	inEffect := h.Current()
	for _, c := range []struct {
		data   []byte
		reason string
	}{
		{old, "its version is 4, and version 5 has been in effect"},
		{sign(t, private, open1, 5, nil), "its version is 5, and version 5 has been in effect"},
		{sign(t, ownKey, open1, 6, nil), "a central key the one in effect"},
		{[]byte(open1), "not signed"},
	} {
		s.put(c.data)
		before := len(h.alerted())
		f.round()
		require.Len(t, h.alerted(), before+1)
		assert.Contains(t, h.alerted()[before], c.reason)
		assert.Same(t, inEffect, h.Current())
	}
}

// TestARolloutIsRolledBack: AppConfig serves the version before again when an alarm goes off.
func TestARolloutIsRolledBack(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", withKeys(t, public, ""))
	good := sign(t, private, open1, 7, nil)
	bad := sign(t, private, closed, 8, func(c *signedpolicy.Claims) { c.Back = 7 })
	for range 2 {
		s.put(good)
		f.round()
		assert.Equal(t, policy.Allow, verdict(t, h, stripe))
		s.put(bad)
		f.round()
		assert.Equal(t, policy.Block, verdict(t, h, stripe))
	}
	assert.Empty(t, h.alerted())
	s.put(sign(t, private, open1, 6, nil))
	f.round()
	assert.Equal(t, policy.Block, verdict(t, h, stripe), "and no other version")
	assert.Len(t, h.alerted(), 1)
}

// TestARollbackIsOneStep: each version may be rolled back to the one before, and none further.
func TestARollbackIsOneStep(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", withKeys(t, public, ""))
	first := sign(t, private, open1, 5, nil)
	second := sign(t, private, closed, 6, func(c *signedpolicy.Claims) { c.Back = 5 })
	third := sign(t, private, open1, 7, func(c *signedpolicy.Claims) { c.Back = 6 })
	for _, step := range []struct {
		document []byte
		want     policy.Verdict
	}{
		{first, policy.Allow}, {second, policy.Block}, {third, policy.Allow},
		{second, policy.Block}, {first, policy.Block}, {third, policy.Allow},
	} {
		s.put(step.document)
		f.round()
		require.Equal(t, step.want, verdict(t, h, stripe))
	}
	require.Len(t, h.alerted(), 1)
	assert.Contains(t, h.alerted()[0], "its version is 5, and version 7 has been in effect")
}

// TestAKeyOfTheFunctionHoldsUpNoCentralOne: versions are counted for each kind of key.
func TestAKeyOfTheFunctionHoldsUpNoCentralOne(t *testing.T) {
	private, public := signer(1)
	ownKey, ownPublic := signer(2)
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", withKeys(t, ownPublic, public))
	s.put(sign(t, ownKey, open1, 1<<53-1, nil))
	f.round()
	require.Equal(t, policy.Allow, verdict(t, h, stripe))
	s.put(sign(t, private, closed, 5, nil))
	f.round()
	assert.Equal(t, policy.Block, verdict(t, h, stripe))
	assert.Empty(t, h.alerted())
}

// TestForWhichFunctionAKeySigns: Options can give the function another name, which does not count
// for central keys.
func TestForWhichFunctionAKeySigns(t *testing.T) {
	private, public := signer(1)
	ownKey, ownPublic := signer(2)
	elsewhere := func(c *signedpolicy.Claims) { c.Function, c.Replaces = "sandbox", signedpolicy.Own }
	s := &fake{}
	f, h := following(t, s, ownPolicy, centralPolicy, func(facts *sourceapi.Facts) {
		withKeys(t, ownPublic, public)(facts)
		facts.Function = "sandbox"
	})
	s.put(sign(t, private, open1, 1, elsewhere))
	f.round()
	require.Len(t, h.alerted(), 1)
	assert.Contains(t, h.alerted()[0], `signed for the functions "sandbox"`)
	assert.Equal(t, policy.Block, verdict(t, h, github))
	s.put(sign(t, ownKey, open1, 1, elsewhere))
	f.round()
	assert.Equal(t, policy.Allow, verdict(t, h, github))
}

// TestNothingLoosensByItself lets time pass over what is in effect.
func TestNothingLoosensByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, public := signer(1)
		s := &fake{}
		f, h := following(t, s, ownPolicy, centralPolicy, withKeys(t, "", public))
		s.put(sign(t, private, "version: 1\non_violation: block\nblacklist: [{http: api.stripe.com}]\n", 1, func(c *signedpolicy.Claims) { c.Replaces = signedpolicy.All }))
		f.round()
		require.Equal(t, policy.Block, verdict(t, h, stripe))
		require.Equal(t, policy.Allow, verdict(t, h, evil), "it replaces the central policy")

		time.Sleep(31 * 24 * time.Hour)
		f.round()
		assert.Equal(t, policy.Block, verdict(t, h, evil), "what it loosened ends with its signature")
		assert.Equal(t, policy.Block, verdict(t, h, github))
		assert.Equal(t, policy.Block, verdict(t, h, stripe), "what it forbids stays")
		f.round()
		require.Len(t, h.alerted(), 1)
		assert.Contains(t, h.alerted()[0], "its signature expired")
	})
}

// A clock that is ahead for a moment ends what a document loosens. The source need not have
// anything newer for it to be in effect again.
func TestWhatAClockThatWasAheadEndedIsResumed(t *testing.T) {
	for _, capped := range []bool{false, true} {
		t.Run(map[bool]string{false: "a_replacement", true: "a_cap"}[capped], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				private, public := signer(1)
				s := &fake{}
				f, h := following(t, s, ownPolicy, centralPolicy, withKeys(t, "", public))
				signed := sign(t, private, closed, 1, func(c *signedpolicy.Claims) {
					if c.Replaces = signedpolicy.All; capped {
						c.Until, c.Reason = c.Signed.Add(12*time.Hour), "incident 12"
					}
				})
				s.set(document{data: signed, version: "1"})
				f.round()
				before := h.Current()
				ahead := f.standing(f.accepted, time.Now().AddDate(1, 0, 0))
				require.NotEqual(t, before.Until, ahead.Until)
				f.applied = ahead
				h.Put(ahead)
				f.round()
				assert.Equal(t, before.Until, h.Current().Until)
				assert.Equal(t, before.Capped, h.Current().Capped)
				assert.Equal(t, before.Hashes, h.Current().Hashes)
				f.round()
				assert.Equal(t, before.Until, h.Current().Until)
			})
		})
	}
}

// TestBlockNeverSilentlyBecomesAlert is about the kill switch.
func TestBlockNeverSilentlyBecomesAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, public := signer(1)
		s := &fake{}
		f, h := following(t, s, ownPolicy, centralPolicy, withKeys(t, "", public))
		s.put(sign(t, private, closed, 1, func(c *signedpolicy.Claims) {
			c.Until, c.Reason = c.Signed.Add(12*time.Hour), "incident 12: the vendor moved"
		}))
		f.round()
		s.set(document{err: errDown}) // the source stays silent from now on
		blocked := time.Time{}
		for range 24 * 60 {
			f.Begin()
			v, capped := verdict(t, h, github), h.Current().Capped
			if v == policy.Block && blocked.IsZero() {
				blocked = time.Now()
			}
			require.Equal(t, v == policy.Alert, capped != "", "whoever alerts of a block says so")
			if capped != "" {
				require.Contains(t, capped, "incident 12: the vendor moved")
				require.Equal(t, capped, h.Current().Remote.Cap, "each alert has it")
			}
			f.End()
			time.Sleep(time.Minute)
		}
		logged := 0
		for _, l := range h.lines {
			if l.Event == "applied" || l.Event == "capped" {
				logged++
			}
		}
		assert.Equal(t, 1+11+1, logged, "when it begins, each hour, and when it ends")
		require.False(t, blocked.IsZero())
		assert.Equal(t, 12*time.Hour, blocked.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Truncate(time.Minute), "it ends by itself")
	})
}
