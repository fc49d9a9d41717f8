package signedpolicy

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const nextText = "version: 1\nwhitelist: []\n\n# untrusted comment: of no signature\n"

func TestCarry(t *testing.T) {
	text, err := Carry(policy, "./next/policy.yaml", []byte(nextText))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), string(policy)))
	for line := range strings.Lines(string(text[len(policy):])) {
		assert.True(t, strings.HasPrefix(line, "#"), "a comment of YAML: %s", line)
	}
	read, err := fs.ReadFile(Beside(text), "next/policy.yaml")
	require.NoError(t, err)
	assert.Equal(t, nextText, string(read))
	_, err = fs.ReadFile(Beside(text), "hosts.txt")
	assert.ErrorIs(t, err, fs.ErrNotExist, "it has nothing else")

	whole, sig := Split(text)
	assert.Equal(t, text, whole, "what looks like a signature in it is none")
	assert.Nil(t, sig)
	for name, private := range signers(t) {
		sig, k, err := Sign(private, text, claims())
		require.NoError(t, err)
		document, err := Join(text, sig)
		require.NoError(t, err)
		back, sig := Split(document)
		assert.Equal(t, text, back)
		_, _, err = Verify([]Key{k}, back, sig)
		assert.NoError(t, err)
		changed := []byte(strings.Replace(string(back), "#| whitelist", "#| blacklist", 1))
		_, _, err = Verify([]Key{k}, changed, sig)
		assert.Error(t, err, "%s signs the next policy too", name)
	}
}

// Every line of a next policy is a comment of the document.
func TestCarryRefuses(t *testing.T) {
	for _, c := range []struct{ name, policy, file, next, want string }{
		{"a lone carriage return", string(policy), "next.yaml", "version: 1\rblacklist: []\n", "line breaks"},
		{"NEL", string(policy), "next.yaml", "version: 1\u0085blacklist: []\n", "line breaks"},
		{"a line separator", string(policy), "next.yaml", "version: 1\u2028blacklist: []\n", "line breaks"},
		{"a paragraph separator", string(policy), "next.yaml", "version: 1\u2029blacklist: []\n", "line breaks"},
		{"no newline", string(policy), "next.yaml", "version: 1", "newline"},
		{"no newline in the policy", "version: 1", "next.yaml", nextText, "newline"},
		{"a path outside", string(policy), "../next.yaml", nextText, "not a path beside"},
		{"a name of two lines", string(policy), "next\n.yaml", nextText, "not a path beside"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			_, err := Carry([]byte(c.policy), c.file, []byte(c.next))
			assert.ErrorContains(t, err, c.want)
		})
	}
	assert.Nil(t, Beside(policy))
	assert.Nil(t, Beside([]byte("version: 1\n# outguard: the next policy next.yaml\n#| version: 1\nblacklist: []\n")), "something follows")
}

func TestBesideIsAFolder(t *testing.T) {
	text, err := Carry(policy, "next.yaml", []byte(nextText))
	require.NoError(t, err)
	f, err := Beside(text).Open("next.yaml")
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	want, err := fs.Stat(fstest.MapFS{"next.yaml": {Data: []byte(nextText), Mode: 0o444}}, "next.yaml")
	require.NoError(t, err)
	assert.Equal(t, fs.FormatFileInfo(want), fs.FormatFileInfo(info))
	assert.NoError(t, f.Close())
}
