package source

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/policy"
)

// A document is what a fake source has.
type document struct {
	data, sig []byte
	version   string
	err       error
}

// A fake is a source that a test fills.
type fake struct {
	mu    sync.Mutex
	now   document
	asked int
	hang  chan struct{} // Fetch waits for it; nil: it does not wait
}

func (s *fake) Fetch(ctx context.Context, have string) ([]byte, []byte, string, error) {
	s.mu.Lock()
	s.asked++
	d, hang := s.now, s.hang
	s.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if d.version != "" && d.version == have {
		return nil, nil, have, nil
	}
	return d.data, d.sig, d.version, d.err
}

func (s *fake) put(data []byte) { s.set(document{data: data}) }

func (s *fake) set(d document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = d
}

func (s *fake) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// A testHost is a guard that keeps what it is given.
type testHost struct {
	facts    sourceapi.Facts
	mu       sync.Mutex
	current  *sourceapi.Standing
	lines    []sourceapi.Line
	alerts   []string // reasons
	compiled int
}

func (h *testHost) Facts() sourceapi.Facts { return h.facts }

func (h *testHost) Compile(name string, data []byte, beside fs.FS, by sourceapi.Level) (*policy.Policy, error) {
	h.mu.Lock()
	h.compiled++
	h.mu.Unlock()
	env := testEnv
	env.FS = beside
	if by != sourceapi.ByCentral {
		return policy.Parse(name, data, env)
	}
	f, err := policy.ParseCentral(name, data)
	if err != nil {
		return nil, err
	}
	return f.For(env)
}

func (h *testHost) Current() *sourceapi.Standing {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.current
}

func (h *testHost) Put(s *sourceapi.Standing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = s
}

func (h *testHost) Renew(*sourceapi.Standing) {}

func (h *testHost) Alert(rule, place, hash, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alerts = append(h.alerts, reason)
}

func (h *testHost) Log(l sourceapi.Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, l)
}

func (h *testHost) alerted() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.alerts...)
}

var testEnv = policy.Env{Function: "pay", Stage: "prod", Region: "eu-west-1", Account: "111122223333", Getenv: func(string) string { return "" }}

const (
	ownPolicy = `version: 1
on_violation: block
notify: [{sns: "arn:aws:sns:eu-west-1:111122223333:team"}]
whitelist: [{http: "https://api.stripe.com/**"}]
`
	centralPolicy = `version: 1
on_violation: block
blacklist: [{http: "*.evil.example", reason: never}]
`
	// open allows everything.
	open1 = "version: 1\nblacklist: []\nnotify: [{slack: \"https://hooks.slack.com/services/T0/B0/attacker\"}]\n"
	// closed forbids everything.
	closed = "version: 1\non_violation: block\nwhitelist: []\n"
)

func compiled(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text), testEnv)
	require.NoError(t, err)
	return p
}

// following returns a follower of a source, for a function with a policy of its own and a central
// one.
func following(t testing.TB, s Source, own, central string, change func(*sourceapi.Facts)) (*follower, *testHost) {
	t.Helper()
	h := &testHost{facts: sourceapi.Facts{Function: "pay", Lambda: "pay", Own: []*policy.Policy{compiled(t, own)}}}
	if central != "" {
		h.facts.Central = []*policy.Policy{compiled(t, central)}
	}
	h.current = &sourceapi.Standing{Policy: policy.Join(append(h.facts.Own, h.facts.Central...)...)}
	if change != nil {
		change(&h.facts)
	}
	return newFollower("test:", s, h), h
}

// round fetches once, and lets what is new take effect.
func (f *follower) round() {
	f.fetch(fetchBudget)
	f.swap()
}

// verdict returns the verdict on a request.
func verdict(t testing.TB, h *testHost, url string) policy.Verdict {
	t.Helper()
	return verdictOf(t, h.Current().Policy, url)
}

func verdictOf(t testing.TB, p *policy.Policy, url string) policy.Verdict {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	require.NoError(t, err)
	return p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}).Verdict
}

const (
	stripe = "https://api.stripe.com/v1/charges"
	github = "https://api.github.com/"
	evil   = "https://x.evil.example/"
)

// signer returns a private key, and the text of its public key.
func signer(seed byte) (ed25519.PrivateKey, string) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return private, string(signedpolicy.FromEd25519(private.Public().(ed25519.PublicKey)).Text())
}

// withKeys gives a function a key of its own and a central one.
func withKeys(t testing.TB, own, central string) func(*sourceapi.Facts) {
	return func(f *sourceapi.Facts) {
		if own != "" {
			f.Keys = []string{own}
		}
		if central != "" {
			f.Layers = t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(f.Layers, "security.pub"), []byte(central), 0o644))
		}
	}
}

// sign returns a signed document.
func sign(t testing.TB, by ed25519.PrivateKey, text string, version uint64, change func(*signedpolicy.Claims)) []byte {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	c := signedpolicy.Claims{Function: "pay", Version: version, Signed: now, Expires: now.Add(30 * 24 * time.Hour)}
	if change != nil {
		change(&c)
	}
	sig, _, err := signedpolicy.Sign(by, []byte(text), c)
	require.NoError(t, err)
	d, err := signedpolicy.Join([]byte(text), sig)
	require.NoError(t, err)
	return d
}

var errDown = errors.New("answered 503 Service Unavailable")
