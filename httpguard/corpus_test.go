package httpguard

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

var update = flag.Bool("update", false, "write golden files")

// TestCorpus runs every case of the corpus through a real http.Client, a Transport and a real policy file, up to the stage where the
// verdict can be known. Core cases must be right; what we say to the advisory ones is in a golden file.
func TestCorpus(t *testing.T) {
	cases, err := corpustest.Read("../policy/testdata/corpus/http.jsonl")
	require.NoError(t, err)
	require.Len(t, cases, 366)
	var advisory strings.Builder
	core, refused := map[string]int{}, 0
	for i := range cases {
		c := &cases[i]
		p, err := policy.Parse("policy.yaml", c.PolicyYAML(), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		if err != nil { // its rules are not in canonical form
			t.Logf("%s: policy refused: %v", c.ID, err)
			refused++
			continue
		}
		verdict, reason := run(t, c, p)
		if c.Advisory {
			mark := ""
			if !c.Right(verdict) {
				mark = " (not accepted)"
			}
			fmt.Fprintf(&advisory, "%s %s: %s, expected %s%s\n", c.ID, c.Stage, verdict, c.Expected, mark)
			continue
		}
		core[c.Stage]++
		assert.True(t, c.Right(verdict), "%s (%s): %s %q, expected %s\n%s\n%+v", c.ID, c.Why, verdict, reason, c.Expected, c.PolicyYAML(), c.Request)
	}
	assert.Equal(t, map[string]int{"match": 252, "redirect": 9, "dial": 5}, core)
	assert.Zero(t, refused, "policies that the loader refuses")

	const golden = "testdata/corpus_advisory.golden"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(advisory.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), advisory.String())
}

// run is the verdict on a case, and why.
func run(t *testing.T, c *corpustest.Case, p *policy.Policy) (verdict, reason string) {
	r, err := c.Request.New()
	if err != nil {
		return corpustest.Malformed, err.Error()
	}
	g := &policyGuard{policy: p}
	client := &http.Client{Transport: &Transport{Guard: g, Base: base(t, c, g)}}
	rounds := 1
	for _, sets := range c.Env.DNS {
		rounds = len(sets) // as often as the name is looked up
	}
	for range rounds {
		resp, err := client.Do(r)
		if err == nil {
			resp.Body.Close()
		}
	}
	return g.verdict()
}

// base sends nothing: it answers as the case says, or dials up to the point where a connection would be opened.
func base(t *testing.T, c *corpustest.Case, g Guard) http.RoundTripper {
	if c.Stage != "dial" {
		return &script{c: c}
	}
	d := &net.Dialer{Control: func(string, string, syscall.RawConn) error { return errors.New("nothing is sent") }}
	if c.Env.DNS != nil {
		d.Resolver = resolver(t, c.Env.DNS)
	}
	tr := &http.Transport{DialContext: DialContext(g, d)}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// script answers the n-th request with the n-th response of a case, and then with 200.
type script struct {
	c *corpustest.Case
	n int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}
	if s.n < len(s.c.Env.Responses) {
		next := s.c.Env.Responses[s.n]
		s.n++
		resp.StatusCode = next.Status
		resp.Header.Set("Location", next.Location)
	}
	return resp, nil
}

// policyGuard refuses what a policy does not allow, and keeps the first refusal.
type policyGuard struct {
	policy *policy.Policy
	mu     sync.Mutex
	first  *policy.Decision
}

func (g *policyGuard) Check(_ context.Context, c policy.Call) error {
	d := g.policy.Decide(c)
	if d.Allowed() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.first == nil {
		g.first = &d
	}
	return errors.New(d.Reason)
}

func (g *policyGuard) verdict() (verdict, reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch d := g.first; {
	case d == nil:
		return corpustest.Allowed, ""
	case d.Rule != nil && d.Rule.ID == "malformed":
		return corpustest.Malformed, d.Reason
	default:
		return corpustest.Violation, d.Reason
	}
}
