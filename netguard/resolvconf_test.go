package netguard

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseConf(t *testing.T) {
	c := parseConf("; comment\nnameserver 10.0.0.2\n# nameserver 10.0.0.3\nnameserver fe80::1%eth0\nnameserver name\ndomain one.test\nsearch Two.test. three.test\noptions ndots:5\n")
	assert.Equal(t, []string{"two.test", "three.test"}, c.search)
	assert.Equal(t, "[10.0.0.2:53 [fe80::1]:53]", sprint(c.servers))
	assert.Equal(t, []string{}, parseConf("search .\n").search)
	assert.Equal(t, "[127.0.0.1:53 [::1]:53]", sprint(parseConf("").servers))
	assert.Len(t, parseConf("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4\n").servers, 3)
}

func TestTheFileIsReadAgainWhenItHasChanged(t *testing.T) {
	f := confFile{path: filepath.Join(t.TempDir(), "resolv.conf")}
	write := func(text string) { require.NoError(t, os.WriteFile(f.path, []byte(text), 0o600)) }
	write("search a.test\n")
	first := f.load()
	assert.Equal(t, []string{"a.test"}, first.search)
	write("search b.test\n")
	assert.Same(t, first, f.load(), "not within the interval")
	f.next.Store(0)
	assert.Equal(t, []string{"b.test"}, f.load().search)
	second := f.load()
	f.next.Store(0)
	assert.Same(t, second, f.load(), "unchanged")
}
