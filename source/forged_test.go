package source

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/policy"
)

// TestNothingForgedIsAccepted lets an attacker who can write to the source, and who has every
// document that was ever signed, loosen a policy: by mutated, truncated, spliced, re-signed,
// replayed and downgraded documents.
func TestNothingForgedIsAccepted(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 1))
	private, public := signer(1)
	attacker, _ := signer(66)
	now := time.Now().UTC().Truncate(time.Second)
	claims := func(version uint64, change func(*signedpolicy.Claims)) signedpolicy.Claims {
		c := signedpolicy.Claims{Function: "pay", Version: version, Signed: now, Expires: now.Add(30 * 24 * time.Hour)}
		if change != nil {
			change(&c)
		}
		return c
	}
	make := func(by ed25519.PrivateKey, text string, c signedpolicy.Claims) []byte {
		sig, _, err := signedpolicy.Sign(by, []byte(text), c)
		require.NoError(t, err)
		d, err := signedpolicy.Join([]byte(text), sig)
		require.NoError(t, err)
		return d
	}
	all := func(c *signedpolicy.Claims) { c.Replaces = signedpolicy.All }
	var known [][]byte // what the holder of the key has signed
	add := func(text string, c signedpolicy.Claims) { known = append(known, make(private, text, c)) }
	const inEffect = 10
	for v := uint64(1); v < inEffect; v++ { // what was in effect before
		add(fmt.Sprintf("# %d\n%s", v, open1), claims(v, all))
	}
	add(open1, claims(50, func(c *signedpolicy.Claims) { c.Replaces, c.Function = signedpolicy.All, "checkout" }))
	add(open1, claims(51, func(c *signedpolicy.Claims) {
		c.Replaces, c.Signed, c.Expires = signedpolicy.All, now.Add(-2*time.Hour), now.Add(-time.Hour)
	}))
	add(open1, claims(52, func(c *signedpolicy.Claims) {
		c.Replaces, c.Signed, c.Expires = signedpolicy.All, now.Add(2*time.Hour), now.Add(3*time.Hour)
	}))
	add(closed, claims(inEffect, nil))
	current := known[len(known)-1]

	s := &fake{}
	f, h := following(t, s, ownPolicy, centralPolicy, withKeys(t, "", public))
	s.put(current)
	f.round()
	require.Equal(t, policy.Block, verdict(t, h, stripe))
	before := h.Current()

	pick := func() []byte { return known[r.IntN(len(known))] }
	forge := map[string]func() []byte{
		"mutated": func() []byte { return mutate(r, pick()) },
		"truncated": func() []byte {
			d := pick()
			return d[:r.IntN(len(d))]
		},
		"spliced": func() []byte { // the text of one with the signature of another
			text, _ := signedpolicy.Split(pick())
			_, sig := signedpolicy.Split(pick())
			d, err := signedpolicy.Join(text, sig)
			require.NoError(t, err)
			return d
		},
		"spliced lines": func() []byte { // a signature of the lines of two
			a, b := bytes.SplitAfter(pick(), []byte("\n")), bytes.SplitAfter(pick(), []byte("\n"))
			at, from := r.IntN(len(a)), r.IntN(len(b))
			return bytes.Join(append(a[:at:at], b[from:]...), nil)
		},
		"re-signed": func() []byte { return make(attacker, open1, claims(uint64(100+r.IntN(1000)), all)) },
		"re-signed under the id of the key": func() []byte {
			d := make(attacker, open1, claims(uint64(100+r.IntN(1000)), all))
			return withID(t, d, current)
		},
		"replayed": pick,
		"unsigned": func() []byte { text, _ := signedpolicy.Split(pick()); return text },
		"longer": func() []byte {
			text, sig := signedpolicy.Split(pick())
			d, err := signedpolicy.Join(append(bytes.Clone(text), "blacklist: []\n"...), sig)
			require.NoError(t, err)
			return d
		},
		"claims changed": func() []byte {
			return bytes.Replace(pick(), []byte("version="), fmt.Appendf(nil, "version=%d", 1+r.IntN(9)), 1)
		},
	}
	kinds := []string{
		"mutated", "mutated", "mutated", "truncated", "spliced", "spliced lines", "re-signed", "re-signed under the id of the key", "replayed", "unsigned",
		"longer", "claims changed",
	}
	tried := map[string]int{}
	for range corpustest.Times(corpustest.Sample(1_500, 6_000), 1_000_000) {
		kind := kinds[r.IntN(len(kinds))]
		document := forge[kind]()
		f.judge(document, nil, "")
		f.swap()
		tried[kind]++
		if now := h.Current(); now != before { // what it was judged as must be what is in effect anyway
			text, _ := signedpolicy.Split(document)
			sum := sha256.Sum256(text)
			require.Fail(t, "accepted", "%s, %s: %q", kind, hex.EncodeToString(sum[:]), document)
		}
	}
	require.Equal(t, policy.Block, verdict(t, h, github))
	require.Equal(t, policy.Block, verdict(t, h, evil))
	t.Logf("0 accepted of %v", tried)

	s.put(make(private, open1, claims(inEffect+1, all)))
	f.round()
	require.Equal(t, policy.Allow, verdict(t, h, github), "the true one takes effect")
}

// withID gives the signature of a document the id of another's key.
func withID(t *testing.T, document, other []byte) []byte {
	t.Helper()
	second := func(d []byte) (before, line, after string) {
		text, sig := signedpolicy.Split(d)
		lines := strings.SplitAfterN(string(sig), "\n", 3)
		return string(text) + "# " + lines[0] + "# ", lines[1], "# " + strings.ReplaceAll(strings.TrimSuffix(lines[2], "\n"), "\n", "\n# ") + "\n"
	}
	before, line, after := second(document)
	_, theirs, _ := second(other)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
	require.NoError(t, err)
	id, err := base64.StdEncoding.DecodeString(strings.TrimSpace(theirs))
	require.NoError(t, err)
	copy(raw[2:10], id[2:10])
	forged := []byte(before + base64.StdEncoding.EncodeToString(raw) + "\n" + after)
	_, sig := signedpolicy.Split(forged)
	require.NotNil(t, sig)
	return forged
}

// TestAnUnsignedDocumentNeverLoosens joins documents of random rules to random policies: no verdict
// becomes milder, and none becomes a block.
func TestAnUnsignedDocumentNeverLoosens(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 2))
	hosts := []string{"api.stripe.com", "*.evil.example", "*.github.com", "x.evil.example", "169.254.169.254"}
	words := []string{"log", "alert", "block"}
	random := func() string {
		var b strings.Builder
		b.WriteString("version: 1\n")
		if r.IntN(2) == 0 {
			b.WriteString("on_violation: " + words[r.IntN(3)] + "\n")
		}
		if r.IntN(3) == 0 {
			b.WriteString("on_unguarded: " + words[r.IntN(3)] + "\n")
		}
		if r.IntN(4) == 0 {
			b.WriteString("block_fails: " + []string{"call", "at_once"}[r.IntN(2)] + "\n")
		}
		for _, list := range []string{"whitelist", "blacklist"} {
			switch r.IntN(3) {
			case 0:
			case 1:
				b.WriteString(list + ": []\n")
			default:
				b.WriteString(list + ":\n")
				for range 1 + r.IntN(3) {
					b.WriteString("  - http: \"" + hosts[r.IntN(len(hosts))] + "\"\n")
					if list == "blacklist" && r.IntN(2) == 0 {
						b.WriteString("    on_violation: " + words[r.IntN(3)] + "\n")
					}
				}
			}
		}
		return b.String()
	}
	urls := []string{stripe, github, evil, "http://169.254.169.254/latest", "https://example.com/", "http://127.0.0.1:9001/", "http://\xff/"}
	for range corpustest.Times(corpustest.Sample(250, 1_000), 50_000) {
		own, document := random(), random()
		if _, err := policy.Parse("p", []byte(own), testEnv); err != nil {
			continue
		}
		s := &fake{}
		f, h := following(t, s, own, "", nil)
		before := h.Current().Policy
		s.put([]byte(document))
		f.round()
		for _, url := range urls {
			was, is := verdictOf(t, before, url), verdict(t, h, url)
			require.LessOrEqual(t, is, was, "%s\n%s\n%s: %s after %s", own, document, url, is, was)
			require.False(t, is == policy.Block && was != policy.Block, "%s\n%s\n%s", own, document, url)
		}
	}
}

// mutate changes, inserts, deletes or repeats bytes of a text.
func mutate(r *rand.Rand, text []byte) []byte {
	out := bytes.Clone(text)
	for range 1 + r.IntN(3) {
		if len(out) < 2 {
			return out
		}
		at := r.IntN(len(out))
		end := min(len(out), at+1+r.IntN(40))
		switch r.IntN(5) {
		case 0:
			out[at] ^= 1 << r.IntN(8)
		case 1:
			out[at] = byte(r.IntN(256))
		case 2:
			out = append(out[:at:at], append([]byte{byte(r.IntN(256))}, out[at:]...)...)
		case 3:
			out = append(out[:at:at], out[end:]...)
		case 4:
			out = append(out[:end:end], out[at:]...)
		}
	}
	return out
}
