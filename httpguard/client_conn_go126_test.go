//go:build go1.26

package httpguard

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A connection that is asked for by itself is judged as a request for its host's root; what is
// sent on it is not seen.
func TestAConnectionOfItsOwnIsJudgedByItsHost(t *testing.T) {
	s, tr := serve(t), fresh(t)
	g := &fakeGuard{}
	installed(t, g)
	addr := strings.TrimPrefix(s.URL, "http://")
	host, _, _ := net.SplitHostPort(addr)
	conn, err := tr.NewClientConn(t.Context(), "http", addr)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	assert.Equal(t, []string{"GET http://" + host + "/"}, g.urls(), "net/http does not pass the port on")
	installed(t, &fakeGuard{refuse: refuseAll})
	_, err = tr.NewClientConn(t.Context(), "http", addr)
	assertRefused(t, err)
}
