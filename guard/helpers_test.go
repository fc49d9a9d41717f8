package guard

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

const allowAll = "version: 1\n"

// newGuard makes a guard from a policy file's text, for function checkout in stage dev.
func newGuard(t *testing.T, text string) *Guard {
	t.Helper()
	g, _ := logged(t, text)
	return g
}

// logged is newGuard with what it logs.
func logged(t *testing.T, text string) (*Guard, *buffer) {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{
		Function: "checkout", Stage: "dev", Region: "eu-west-1", Account: "111122223333", Getenv: func(string) string { return "" },
	})
	require.NoError(t, err)
	out := new(buffer)
	g := New(p, &Options{Function: "checkout", Region: "eu-west-1", Account: "111122223333", Stdout: out, Getenv: func(string) string { return "" }})
	t.Cleanup(g.Uninstall)
	return g, out
}

// buffer is a buffer that several goroutines may use.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *buffer) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *buffer) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
