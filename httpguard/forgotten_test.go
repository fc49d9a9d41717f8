package httpguard

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A base that nobody has any more is freed, with the copies that have sent its requests and their
// connections, whatever it speaks and whoever has used it first.
func TestABaseIsForgotten(t *testing.T) {
	s, roots := serveTLS(t)
	plain := serve(t)
	for name, use := range map[string]func(t *testing.T, base *http.Transport){
		"HTTP_1": func(t *testing.T, base *http.Transport) {
			require.NoError(t, get(t, guarded(base), plain.URL))
		},
		"HTTP_2": func(t *testing.T, base *http.Transport) {
			require.NoError(t, get(t, guarded(base), s.URL))
		},
		"HTTP_2_by_the_base_first": func(t *testing.T, base *http.Transport) {
			conn := connOf(t, base, s.URL)
			require.NoError(t, get(t, guarded(base), s.URL))
			closeUnused(t, base, conn)
		},
		"HTTP_2_by_the_base_afterwards": func(t *testing.T, base *http.Transport) {
			require.NoError(t, get(t, guarded(base), s.URL))
			require.NoError(t, get(t, &http.Client{Transport: base}, s.URL))
		},
		"HTTP_2_of_a_clone": func(t *testing.T, base *http.Transport) {
			closeUnused(t, base, connOf(t, base, s.URL))
			require.NoError(t, get(t, guarded(base.Clone()), s.URL))
		},
		"settings_that_change": func(t *testing.T, base *http.Transport) {
			closeUnused(t, base, connOf(t, base, s.URL))
			for range 3 {
				base.MaxIdleConns++
				require.NoError(t, get(t, guarded(base), s.URL))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			base := standard()
			trust(base, roots)
			use(t, base)
			forgotten := weak.Make(base)
			base = nil
			assert.Eventually(t, func() bool { runtime.GC(); return forgotten.Value() == nil }, 5*time.Second, 10*time.Millisecond)
		})
	}
}

// closeUnused closes the idle connections of base, and waits for one of them: net/http does not
// free what has open connections.
func closeUnused(t *testing.T, base *http.Transport, conn httptrace.GotConnInfo) {
	t.Helper()
	eventually(t, func() bool {
		base.CloseIdleConnections()
		return errors.Is(conn.Conn.SetDeadline(time.Time{}), net.ErrClosed)
	}, "the connection stays open")
}

func guarded(base *http.Transport) *http.Client {
	return &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: base}}
}
