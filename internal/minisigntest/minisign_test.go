package minisigntest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/signedpolicy"
)

var text = []byte("version: 1\non_violation: block\nwhitelist: []\n")

func claims() signedpolicy.Claims {
	now := time.Now().UTC().Truncate(time.Second)
	return signedpolicy.Claims{Function: "pay-*", Version: 7, Signed: now, Expires: now.Add(24 * time.Hour)}
}

// theirs returns a key pair of minisign, and our key made from its file.
func theirs(t *testing.T) (minisign.PrivateKey, []signedpolicy.Key, []byte) {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	require.NoError(t, err)
	file, err := public.MarshalText()
	require.NoError(t, err)
	keys, err := signedpolicy.ParseKeys(file)
	require.NoError(t, err)
	require.Len(t, keys, 1)
	assert.Equal(t, fmt.Sprintf("%016X", public.ID()), keys[0].ID(), "the id is shown as minisign shows it")
	return private, keys, file
}

// ours returns a signature of ours, and their key made from our file.
func ours(t *testing.T, text []byte) ([]byte, signedpolicy.Key, minisign.PublicKey) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sig, k, err := signedpolicy.Sign(private, text, claims())
	require.NoError(t, err)
	var public minisign.PublicKey
	require.NoError(t, public.UnmarshalText(k.Text()))
	return sig, k, public
}

func TestWeVerifyTheirs(t *testing.T) {
	private, keys, _ := theirs(t)
	sig := minisign.SignWithComments(private, text, claims().String(), "any comment")
	c, k, err := signedpolicy.Verify(keys, text, sig)
	require.NoError(t, err)
	assert.Equal(t, claims().Version, c.Version)
	assert.Equal(t, keys[0].ID(), k.ID())

	_, _, err = signedpolicy.Verify(keys, text, minisign.SignWithComments(private, text, "timestamp:1700000000", "x"))
	assert.ErrorContains(t, err, "does not begin with", "a signature made for another purpose")
}

func TestTheyVerifyOurs(t *testing.T) {
	sig, _, public := ours(t, text)
	assert.True(t, minisign.Verify(public, text, sig))
	assert.False(t, minisign.Verify(public, append(text, '\n'), sig))
	var parsed minisign.Signature
	require.NoError(t, parsed.UnmarshalText(sig))
	assert.Equal(t, minisign.EdDSA, parsed.Algorithm)
	assert.Equal(t, claims().Function, "pay-*")
}

// TestPrehashedIsRefused: minisign signs a BLAKE2b hash of the file unless it is given -l.
func TestPrehashedIsRefused(t *testing.T) {
	private, keys, _ := theirs(t)
	r := minisign.NewReader(bytes.NewReader(text))
	_, err := io.Copy(io.Discard, r)
	require.NoError(t, err)
	_, _, err = signedpolicy.Verify(keys, text, r.SignWithComments(private, claims().String(), "x"))
	require.ErrorContains(t, err, "ED")
	assert.ErrorContains(t, err, "minisign -S -l")
}

// TestWhatWeAcceptTheyAccept changes a signature at random: whatever verifies here does there.
func TestWhatWeAcceptTheyAccept(t *testing.T) {
	r := mrand.New(mrand.NewPCG(1, 2))
	sig, k, public := ours(t, text)
	accepted := 0
	for range corpustest.Times(5_000, 200_000) {
		changed := bytes.Clone(sig)
		for range 1 + r.IntN(2) {
			at := r.IntN(len(changed))
			switch r.IntN(3) {
			case 0:
				changed[at] = byte(r.IntN(256))
			case 1:
				changed = append(changed[:at:at], changed[at+1:]...)
			case 2:
				changed = append(changed[:at:at], append([]byte{byte(r.IntN(256))}, changed[at:]...)...)
			}
		}
		if _, _, err := signedpolicy.Verify([]signedpolicy.Key{k}, text, changed); err == nil {
			accepted++
			require.True(t, minisign.Verify(public, text, changed), "%q", changed)
		}
	}
	assert.Positive(t, accepted, "changes of the untrusted comment")
}

// TestTheCommandWithMinisign follows docs/fleet.md: outguard sign writes the comment, minisign
// signs, and outguard sign attaches.
func TestTheCommandWithMinisign(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "outguard")
	build := exec.Command("go", "build", "-C", "../..", "-o", bin, "./cmd/outguard")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := func(args ...string) string {
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	private, _, public := theirs(t)
	write := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	write("policy.yaml", text)
	write("fleet.pub", public)
	comment := strings.TrimSuffix(run("sign", "-comment", "-function", "*", "-version", "7"), "\n")
	write("policy.yaml.minisig", minisign.SignWithComments(private, text, comment, "signature from minisign secret key"))
	run("sign", "-attach", "policy.yaml.minisig", "-o", "signed.yaml", "policy.yaml")
	assert.Contains(t, run("sign", "-verify", "-pub", "fleet.pub", "-function", "pay", "signed.yaml"), "version=7")
	document, err := os.ReadFile(filepath.Join(dir, "signed.yaml"))
	require.NoError(t, err)
	got, sig := signedpolicy.Split(document)
	var theirPublic minisign.PublicKey
	require.NoError(t, theirPublic.UnmarshalText(public))
	assert.True(t, minisign.Verify(theirPublic, got, sig))
}
