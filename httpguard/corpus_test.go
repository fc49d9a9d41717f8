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
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// byPolicy is a guard that refuses what a policy does not allow.
type byPolicy struct{ *policy.Policy }

func (g byPolicy) Check(_ context.Context, c policy.Call) error {
	if d := g.Decide(c); !d.Allowed() {
		return &refused{c}
	}
	return nil
}

// TestCorpusBeyondTheMatch runs the cases whose verdict only a later hop or the dial can know.
// (The match stage is the policy package's.)
func TestCorpusBeyondTheMatch(t *testing.T) {
	cases, err := corpustest.Read("../policy/testdata/corpus/http.jsonl")
	require.NoError(t, err)
	ran := map[string]int{}
	var advisory strings.Builder
	for _, c := range cases {
		if c.Stage == "match" {
			continue
		}
		ran[c.Stage]++
		p, err := policy.Parse("policy.yaml", c.PolicyYAML(), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err, c.ID)
		var verdict string
		switch c.Stage {
		case "redirect":
			verdict = follow(t, &c, byPolicy{p})
		case "dial":
			verdict = dials(t, &c, byPolicy{p})
		default:
			t.Errorf("%s: no way to run stage %q", c.ID, c.Stage)
			continue
		}
		if c.Advisory {
			fmt.Fprintf(&advisory, "%s\t%s\t%s\n", c.ID, verdict, c.Why)
			continue
		}
		assert.True(t, c.Right(verdict), "%s: %s, not %s: %s", c.ID, verdict, c.Expected, c.Why)
	}
	assert.Equal(t, map[string]int{"redirect": 9, "dial": 11}, ran)

	const golden = "testdata/advisory.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(advisory.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), advisory.String())
}

// send makes the case's request, which a client of tr follows to where it ends.
func send(t *testing.T, c *corpustest.Case, tr http.RoundTripper) string {
	t.Helper()
	r, err := c.Request.New()
	if err != nil {
		return corpustest.Malformed
	}
	resp, err := (&http.Client{Transport: tr}).Do(r)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	if e := (*refused)(nil); errors.As(err, &e) {
		return corpustest.Violation
	}
	return corpustest.Allowed
}

// follow gives the case's answers in turn, and then one that is not a redirect.
func follow(t *testing.T, c *corpustest.Case, g Guard) string {
	n := 0
	return send(t, c, &Transport{Guard: g, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}
		if n < len(c.Env.Responses) {
			resp.StatusCode = c.Env.Responses[n].Status
			resp.Header.Set("Location", c.Env.Responses[n].Location)
		}
		n++
		return resp, nil
	})})
}

// dials sends the case's request as often as its names have answers, each time with a dial of
// its own that ends before it connects.
func dials(t *testing.T, c *corpustest.Case, g Guard) string {
	times := 1
	for _, sets := range c.Env.DNS {
		times = max(times, len(sets))
	}
	stop := func(string, string, syscall.RawConn) error { return errors.New("nothing is connected to") }
	base := &http.Transport{DialContext: DialContext(g, &net.Dialer{Resolver: resolver(t, c.Env.DNS), Control: stop})}
	for range times {
		if verdict := send(t, c, &Transport{Guard: g, Base: base}); verdict != corpustest.Allowed {
			return verdict
		}
	}
	return corpustest.Allowed
}
