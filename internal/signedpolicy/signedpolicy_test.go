package signedpolicy

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

var (
	now    = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	policy = []byte("version: 1\non_violation: block\nwhitelist: []\n")
)

func claims() Claims {
	return Claims{Function: "pay-*", Version: 7, Signed: now, Expires: now.Add(30 * 24 * time.Hour)}
}

// signers returns a private key of each kind, made from a seed.
func signers(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return map[string]crypto.Signer{"ed25519": ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)), "p256": ec}
}

func publicText(t *testing.T, private crypto.Signer, k Key) []byte {
	t.Helper()
	if text := k.Text(); text != nil {
		return text
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestSignAndVerify(t *testing.T) {
	for name, private := range signers(t) {
		t.Run(name, func(t *testing.T) {
			sig, k, err := Sign(private, policy, claims())
			require.NoError(t, err)
			keys, err := ParseKeys(publicText(t, private, k))
			require.NoError(t, err)
			require.Len(t, keys, 1)
			assert.Equal(t, k.ID(), keys[0].ID())
			assert.True(t, k.Same(keys[0]))

			document, err := Join(policy, sig)
			require.NoError(t, err)
			text, got := Split(document)
			assert.Equal(t, string(policy), string(text))
			c, by, err := Verify(keys, text, got)
			require.NoError(t, err)
			assert.Equal(t, claims(), c)
			assert.Equal(t, k.ID(), by.ID())

			_, _, err = Verify(nil, text, got)
			assert.ErrorContains(t, err, "is not one of this function's keys")
			_, _, err = Verify([]Key{{}}, text, got)
			assert.Error(t, err, "the zero key")
			forged := Key{id: k.id, ed: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)).Public().(ed25519.PublicKey)}
			_, _, err = Verify([]Key{forged}, text, got)
			assert.ErrorContains(t, err, "does not verify", "another key with the same id")
			_, _, err = Verify(append([]Key{forged}, keys...), text, got)
			assert.NoError(t, err, "ids are not secret: both keys are tried")
		})
	}
}

func TestClaimsThatAreRefused(t *testing.T) {
	const good = "outguard/v1 function=pay-* version=7 signed=2026-11-27T10:00:00Z expires=2026-12-27T10:00:00Z"
	for _, c := range []struct{ name, text, want string }{
		{"good", good, ""},
		{"replaces", good + " replaces=all", ""},
		{"back", good + " back=6 replaces=all", ""},
		{"back to itself", good + " back=7", "back="},
		{"back to zero", good + " back=0", "form"},
		{"back behind", good + " replaces=all back=6", "form"},
		{"cap", good + " cap=alert until=2026-11-28T10:00:00Z reason=incident 12: vendor moved", ""},
		{"another purpose", "timestamp:1700000000\tfile:policy.yaml", "does not begin with"},
		{"another schema", strings.Replace(good, "/v1", "/v2", 1), "does not begin with"},
		{"no function", strings.Replace(good, " function=pay-*", "", 1), "function="},
		{"empty function", strings.Replace(good, "pay-*", "", 1), "empty or there twice"},
		{"function class", strings.Replace(good, "pay-*", "[a-z]*", 1), "function="},
		{"version 0", strings.Replace(good, "=7", "=0", 1), "version="},
		{"version below 0", strings.Replace(good, "=7", "=-7", 1), "version="},
		{"version with a zero", strings.Replace(good, "=7", "=07", 1), "form"},
		{"version with a sign", strings.Replace(good, "=7", "=+7", 1), "version="},
		{"version of another alphabet", strings.Replace(good, "=7", "=٧", 1), "version="},
		{"version too large", strings.Replace(good, "=7", "=9007199254740992", 1), "version="},
		{"no expiry", strings.Replace(good, " expires=2026-12-27T10:00:00Z", "", 1), "expires="},
		{"expiry before", strings.Replace(good, "2026-12", "2026-10", 1), "366 days"},
		{"expiry far", strings.Replace(good, "2026-12", "2028-12", 1), "366 days"},
		{"another zone", strings.Replace(good, "expires=2026-12-27T10:00:00Z", "expires=2026-12-27T10:00:00+01:00", 1), "expires="},
		{"twice", good + " version=8", "there twice"},
		{"unknown field", good + " force=yes", "form"},
		{"another order", strings.Replace(good, "function=pay-* version=7", "version=7 function=pay-*", 1), "form"},
		{"two blanks", strings.Replace(good, " version", "  version", 1), "empty or there twice"},
		{"replaces what", good + " replaces=any", "replaces="},
		{"cap without an end", good + " cap=alert reason=x", "24 hours"},
		{"cap without a reason", good + " cap=alert until=2026-11-28T10:00:00Z", "form"},
		{"cap with an empty reason", good + " cap=alert until=2026-11-28T10:00:00Z reason=", "cap=alert"},
		{"cap for two days", good + " cap=alert until=2026-11-29T10:00:00Z reason=x", "24 hours"},
		{"cap log", good + " cap=log until=2026-11-28T10:00:00Z reason=x", "form"},
		{"until alone", good + " until=2026-11-28T10:00:00Z", "form"},
		{"reason alone", good + " reason=x", "24 hours"},
		{"long", good + " cap=alert until=2026-11-28T10:00:00Z reason=" + strings.Repeat("x", 2000), "1024 bytes"},
		{"control character", good + " cap=alert until=2026-11-28T10:00:00Z reason=a\tb", "cap=alert"},
		{"empty", "", "does not begin with"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			got, err := ParseClaims(c.text)
			if c.want == "" {
				require.NoError(t, err)
				assert.Equal(t, c.text, got.String())
				return
			}
			require.ErrorContains(t, err, c.want)
			assert.Equal(t, Claims{}, got)
		})
	}
}

func TestWhatASignatureBinds(t *testing.T) {
	with := func(change func(*Claims)) Claims {
		c := claims()
		change(&c)
		return c
	}
	for _, c := range []struct {
		name     string
		claims   Claims
		function string
		at       time.Time
		want     string
	}{
		{"good", claims(), "pay-api", now, ""},
		{"zero", Claims{}, "pay-api", now, "function="},
		{"another function", claims(), "checkout", now, `functions "pay-*"`},
		{"no function", claims(), "", now, `functions "pay-*"`},
		{"every function", with(func(c *Claims) { c.Function = "*" }), "", now, ""},
		{"last second", claims(), "pay-api", now.Add(30*24*time.Hour - time.Second), ""},
		{"expired", claims(), "pay-api", now.Add(30 * 24 * time.Hour), "expired"},
		{"a slow clock", claims(), "pay-api", now.Add(-4 * time.Minute), ""},
		{"from the future", claims(), "pay-api", now.Add(-6 * time.Minute), "in the future"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			err := c.claims.Check(c.function, c.at)
			if c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
	capped := with(func(c *Claims) { c.Until, c.Reason = now.Add(time.Hour), "x" })
	assert.True(t, capped.Capped(now))
	assert.False(t, capped.Capped(now.Add(time.Hour)))
	assert.False(t, claims().Capped(now))
}

func TestAfter(t *testing.T) {
	for _, c := range []struct {
		version, last, back uint64
		ok                  bool
	}{
		{8, 7, 0, true}, {7, 7, 0, false}, {6, 7, 0, false}, {6, 7, 6, true}, {5, 7, 6, false}, {0, 7, 0, false}, {0, 0, 0, false},
	} {
		err := Claims{Version: c.version}.After(Claims{Version: c.last, Back: c.back})
		assert.Equal(t, c.ok, err == nil, "%+v: %v", c, err)
	}
}

func TestSignaturesThatAreRefused(t *testing.T) {
	private := signers(t)["ed25519"]
	sig, k, err := Sign(private, policy, claims())
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(sig), "\n"), "\n")
	raw, err := encoding.DecodeString(lines[1])
	require.NoError(t, err)
	join := func(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
	for _, c := range []struct{ name, sig, want string }{
		{"none", "", "another form"},
		{"prehashed", join(lines[0], encoding.EncodeToString(append([]byte("ED"), raw[2:]...)), lines[2], lines[3]), "ED signature, of a hash of the policy, which is not supported: sign with minisign -S -l"},
		{"another algorithm", join(lines[0], encoding.EncodeToString(append([]byte("RS"), raw[2:]...)), lines[2], lines[3]), "neither"},
		{"ed25519 as P-256", join(lines[0], encoding.EncodeToString(append([]byte("EC"), raw[2:]...)), lines[2]), "does not verify"},
		{"no global signature", join(lines[:3]...), "neither"},
		{"five lines", join(append(lines, "x")...), "another form"},
		{"no trusted comment", join(lines[0], lines[1], "comment: x", lines[3]), "third line"},
		{"another trusted comment", join(lines[0], lines[1], strings.Replace(lines[2], "version=7", "version=8", 1), lines[3]), "does not verify"},
		{"short", join(lines[0], encoding.EncodeToString(raw[:40]), lines[2], lines[3]), "neither"},
		{"not base64", join(lines[0], "!", lines[2], lines[3]), "second line"},
		{"a carriage return", join(lines[0], lines[1]+"\r", lines[2], lines[3]), "CR LF"},
		{"empty second line", join(lines[0], "", lines[2], lines[3]), "second line"},
		{"long", join("untrusted comment: "+strings.Repeat("x", 5000), lines[1], lines[2], lines[3]), "bytes"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			_, _, err := Verify([]Key{k}, policy, []byte(c.sig))
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, _, err = Verify([]Key{k}, append(policy, '\n'), sig)
	assert.ErrorContains(t, err, "does not verify")
}

func TestKeysThatAreRefused(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(p384.Public())
	require.NoError(t, err)
	edDER, err := x509.MarshalPKIXPublicKey(signers(t)["ed25519"].Public())
	require.NoError(t, err)
	_, k, err := Sign(signers(t)["ed25519"], policy, claims())
	require.NoError(t, err)
	good := string(k.Text())
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "no key"},
		{"a comment alone", "untrusted comment: x\n", "no key"},
		{"another curve", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "another curve"},
		{"ed25519 in PEM", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: edDER})), "minisign's form"},
		{"a private key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "has a private key"},
		{"a certificate", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), "not a PUBLIC KEY"},
		{"cut PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n", "PEM block cannot be read"},
		{"one good one bad", good + "x\n", "not a public key"},
		{"many", strings.Repeat(good, 9), "more than 8 keys"},
		{"large", strings.Repeat("\n", 17<<10), "bytes"},
		{"short", "RWQ=\n", "not a public key"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			keys, err := ParseKeys([]byte(c.text))
			assert.ErrorContains(t, err, c.want)
			assert.Nil(t, keys)
		})
	}
	keys, err := ParseKeys([]byte(good + "\n" + good))
	require.NoError(t, err)
	assert.Len(t, keys, 2, "rotation")
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, document, sig string }{
		{"no signature", "version: 1\n", ""},
		{"a comment that looks like one", "# untrusted comment: x\nversion: 1\n", ""},
		{"text behind it", "version: 1\n# untrusted comment: x\n# y\nwhitelist: []\n", ""},
		{"far from the end", "version: 1\n# untrusted comment: x\n" + strings.Repeat("# y\n", 2000), ""},
		{"one", "version: 1\n# untrusted comment: x\n# y\n", "untrusted comment: x\ny\n"},
		{"two", "version: 1\n# untrusted comment: a\n# untrusted comment: x\n# y\n", "untrusted comment: x\ny\n"},
		{"without a last newline", "version: 1\n# untrusted comment: x\n# y", "untrusted comment: x\ny"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			text, sig := Split([]byte(c.document))
			assert.Equal(t, c.sig, string(sig))
			assert.True(t, strings.HasPrefix(c.document, string(text)))
			if c.sig == "" {
				assert.Equal(t, c.document, string(text))
			}
		})
	}
	_, err := Join([]byte("version: 1"), []byte("untrusted comment: x\ny\n"))
	assert.ErrorContains(t, err, "newline")
	_, err = Join(policy, []byte("something else\n"))
	assert.ErrorContains(t, err, "not a signature")
}

// TestNothingButWhatWasSignedVerifies changes signed documents at random. What verifies has the
// text and the claims that were signed.
func TestWhyADocumentHasNoSignature(t *testing.T) {
	sig, _, err := Sign(signers(t)["ed25519"], policy, claims())
	require.NoError(t, err)
	document, err := Join(policy, sig)
	require.NoError(t, err)
	for _, c := range []struct{ name, document, want string }{
		{"none", string(policy), "it is not signed"},
		{"cut before it", string(document[:len(policy)]), "it is not signed"},
		{"a line behind it", string(document) + "\n", "something was put behind it"},
		{"a policy behind it", string(document) + string(policy), "something was put behind it"},
		{"UTF-16", "\xff\xfe" + strings.ReplaceAll(string(document), "", "\x00"), "UTF-16"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			_, sig := Split([]byte(c.document))
			assert.Nil(t, sig)
			assert.ErrorContains(t, Unsigned([]byte(c.document)), c.want)
		})
	}
}

func TestNothingButWhatWasSignedVerifies(t *testing.T) {
	r := mrand.New(mrand.NewPCG(1, 2))
	for name, private := range signers(t) {
		t.Run(name, func(t *testing.T) {
			sig, k, err := Sign(private, policy, claims())
			require.NoError(t, err)
			document, err := Join(policy, sig)
			require.NoError(t, err)
			verified := 0
			for range corpustest.Times(corpustest.Sample(1_500, 5_000), 500_000) {
				changed := mutate(r, document)
				text, got := Split(changed)
				c, _, err := Verify([]Key{k}, text, got)
				if err != nil {
					continue
				}
				verified++ // the untrusted comment is anybody's
				require.Equal(t, string(policy), string(text), "%q", changed)
				require.Equal(t, claims(), c)
			}
			t.Logf("%d with a change of the untrusted comment alone", verified)
		})
	}
}

// mutate changes, inserts, deletes or repeats bytes of a text.
func mutate(r *mrand.Rand, text []byte) []byte {
	out := bytes.Clone(text)
	for range 1 + r.IntN(3) {
		if len(out) < 2 {
			return out
		}
		at := r.IntN(len(out))
		switch r.IntN(6) {
		case 0:
			out[at] ^= 1 << r.IntN(8)
		case 1:
			out[at] = byte(r.IntN(256))
		case 2:
			out = append(out[:at:at], append([]byte{byte(r.IntN(256))}, out[at:]...)...)
		case 3:
			out = append(out[:at:at], out[min(len(out), at+1+r.IntN(8)):]...)
		case 4:
			out = out[:at]
		case 5:
			end := min(len(out), at+1+r.IntN(40))
			out = append(out[:end:end], out[at:]...)
		}
	}
	return out
}

func FuzzVerify(f *testing.F) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	sig, k, err := Sign(private, policy, claims())
	require.NoError(f, err)
	document, err := Join(policy, sig)
	require.NoError(f, err)
	f.Add(document)
	f.Add(policy)
	f.Add(fmt.Append(nil, "version: 1\n# untrusted comment: x\n# y\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		text, sig := Split(document)
		if c, _, err := Verify([]Key{k}, text, sig); err == nil {
			require.Equal(t, string(policy), string(text))
			require.Equal(t, claims(), c)
		}
		if keys, err := ParseKeys(document); err == nil {
			require.NotEmpty(t, keys)
		}
	})
}
