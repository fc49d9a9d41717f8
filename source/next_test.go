package source

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/signedpolicy"
)

const (
	trial    = "version: 1\nnext: next.yaml\non_violation: block\nwhitelist: [{http: api.stripe.com}]\n"
	narrower = "version: 1\non_violation: block\nwhitelist: [{http: api.stripe.com, methods: [POST]}]\n"
)

// carrying returns the text of trial with a next policy.
func carrying(t testing.TB, next string) string {
	t.Helper()
	text, err := signedpolicy.Carry([]byte(trial), "next.yaml", []byte(next))
	require.NoError(t, err)
	return string(text)
}

func inPlaceOfOwn(c *signedpolicy.Claims) { c.Replaces = signedpolicy.Own }

// TestANextPolicyFromASource: it is tried beside the policy that its document enforces, differences
// are counted by a metric, and the next version promotes it.
func TestANextPolicyFromASource(t *testing.T) {
	for _, c := range []struct {
		name      string
		signs     bool
		differing string // verdicts on the call that the next policy forbids
	}{
		{"signed", true, "allow → block"},
		{"unsigned", false, "allow → alert"},
	} {
		t.Run(c.name, func(t *testing.T) {
			private, public := signer(1)
			s := &fake{}
			s.put([]byte(carrying(t, narrower)))
			if c.signs {
				s.put(sign(t, private, carrying(t, narrower), 1, inPlaceOfOwn))
			}
			g, log, invoke := guarded(t, s, func(o *guard.Options) {
				o.SourceAtStart = true
				if c.signs {
					o.Keys = []string{public}
				}
			})
			for range 3 {
				require.NoError(t, invoke(func(ctx context.Context) {
					require.NoError(t, g.Check(ctx, call(stripe)), "the next policy refuses nothing")
				}))
			}
			require.NoError(t, g.Flush(t.Context()))
			assert.Empty(t, log.lines(t, "outguard.alert/v1"), "and it alerts of nothing")
			lines := log.lines(t, "outguard.next/v1")
			require.Len(t, lines, 2)
			counted := 0.0
			for _, l := range lines {
				next, ok := l["next"].(map[string]any)
				require.True(t, ok)
				assert.Equal(t, c.differing, fmt.Sprintf("%v → %v", l["verdict"], next["verdict"]))
				assert.Equal(t, "next.yaml", next["file"])
				assert.Equal(t, l["count"], l["NextDiffers"])
				assert.Equal(t, "pay", l["Function"])
				counted += l["NextDiffers"].(float64)
				metrics, ok := l["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)
				require.True(t, ok)
				assert.Equal(t, []any{map[string]any{
					"Namespace": "Outguard", "Dimensions": []any{[]any{}, []any{"Stage"}, []any{"Function"}, []any{"Function", "Stage"}},
					"Metrics": []any{map[string]any{"Name": "NextDiffers", "Unit": "Count"}},
				}}, metrics)
			}
			assert.InDelta(t, 3, counted, 0)
			start := log.lines(t, "outguard.start/v1")
			require.Len(t, start, 1)
			policies, ok := start[0]["policies"].([]any)
			require.True(t, ok)
			next, ok := policies[len(policies)-1].(map[string]any)["next"].(map[string]any)
			require.True(t, ok, "the start line names it")
			assert.Equal(t, "next.yaml", next["file"])
		})
	}
}

func TestTheNextVersionPromotesTheNextPolicy(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", withKeys(t, public, ""))
	s.put(sign(t, private, carrying(t, narrower), 1, inPlaceOfOwn))
	f.round()
	require.Len(t, h.Current().Policy.Next(), 1)
	assert.Equal(t, "allow", verdict(t, h, stripe).String())
	assert.Equal(t, "block", verdictOf(t, h.Current().Policy.Next()[0].Policy, stripe).String())
	s.put(sign(t, private, narrower, 2, inPlaceOfOwn))
	f.round()
	assert.Empty(t, h.alerted())
	assert.Empty(t, h.Current().Policy.Next())
	assert.Equal(t, "block", verdict(t, h, stripe).String())
}

// TestTheNextPolicyIsSigned: what a document carries cannot be exchanged.
func TestTheNextPolicyIsSigned(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	f, h := following(t, s, ownPolicy, "", withKeys(t, public, ""))
	text := carrying(t, narrower)
	_, sig := signedpolicy.Split(sign(t, private, text, 1, nil))
	s.set(document{data: []byte(carrying(t, closed)), sig: sig})
	f.round()
	require.Len(t, h.alerted(), 1)
	assert.Contains(t, h.alerted()[0], "does not verify")
	assert.Empty(t, h.Current().Policy.Next())
}

// TestAFaultyNextPolicyFromASource does not keep the policy that names it from taking effect.
func TestAFaultyNextPolicyFromASource(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"missing", trial, "came without a folder"},
		{"broken", carrying(t, "version: 1\nwhitelsit: []\n"), `unknown key "whitelsit"`},
		{"for others", carrying(t, "version: 1\nfunctions: {checkout: {whitelist: []}}\n"), "no section matches function"},
	} {
		t.Run(c.name, func(t *testing.T) {
			private, public := signer(1)
			s := &fake{}
			s.put(sign(t, private, c.text, 1, inPlaceOfOwn))
			g, log, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart, o.Keys = true, []string{public} })
			require.NoError(t, invoke(func(ctx context.Context) { require.NoError(t, g.Check(ctx, call(stripe))) }))
			lines := log.lines(t, "outguard.policy/v1")
			require.Len(t, lines, 1)
			assert.Equal(t, "applied", lines[0]["event"])
			assert.Equal(t, "WARN", lines[0]["level"])
			assert.Contains(t, lines[0]["reason"], "next: has no effect: ")
			assert.Contains(t, lines[0]["reason"], c.want)
			assert.Empty(t, log.lines(t, "outguard.next/v1"))
		})
	}
}

// While blocks are alerts, those of the trial are alerts too. The start line names the trial.
func TestTheKillSwitchAndANextPolicy(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	s.put(sign(t, private, carrying(t, narrower), 1, func(c *signedpolicy.Claims) {
		c.Replaces, c.Until, c.Reason = signedpolicy.Own, c.Signed.Add(3600e9), "incident 12"
	}))
	g, log, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart, o.Keys = true, []string{public} })
	require.NoError(t, invoke(func(ctx context.Context) {
		require.NoError(t, g.Check(ctx, call(stripe)))
		require.NoError(t, g.Check(ctx, call(github)))
	}))
	lines := log.lines(t, "outguard.next/v1")
	require.Len(t, lines, 1, "both alert of the other call")
	assert.Equal(t, "allow", lines[0]["verdict"])
	assert.Equal(t, "alert", lines[0]["next"].(map[string]any)["verdict"])
	start := log.lines(t, "outguard.start/v1")[0]["policies"].([]any)[0].(map[string]any)
	assert.Equal(t, "alert", start["on_violation"])
	assert.Equal(t, "alert", start["next"].(map[string]any)["on_violation"])
}

func TestANextPolicyFromASourceAllocatesNothing(t *testing.T) {
	private, public := signer(1)
	s := &fake{}
	s.put(sign(t, private, carrying(t, narrower), 1, inPlaceOfOwn))
	g, _, invoke := guarded(t, s, func(o *guard.Options) { o.SourceAtStart, o.Keys = true, []string{public} })
	require.NoError(t, invoke(func(ctx context.Context) {
		c := call(stripe)
		require.NoError(t, g.Check(ctx, c))
		alloctest.AtMost(t, 0, func() { _ = g.Check(ctx, c) })
	}))
}
