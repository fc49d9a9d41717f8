package httpguard

import (
	"context"
	"net"
	"slices"
	"sync"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/unjudged"
	"github.com/outguard/outguard/policy"
)

// This file judges the addresses of one dial, in whatever order the dialer comes to them.

// A dialJudge judges the addresses of one dial, several at a time when the dialer races IPv6
// against IPv4.
type dialJudge struct {
	ctx    context.Context
	guards []Guard
	addr   string // as dialed

	mu      sync.Mutex
	passed  []string
	refused []string
	refusal error
}

type dialJudgeKey struct{}

// outerDial returns the judge of the dial around ctx, or nil.
func outerDial(ctx context.Context) *dialJudge {
	j, _ := ctx.Value(dialJudgeKey{}).(*dialJudge)
	return j
}

// judges reports whether j asks g about a dial of addr.
func (j *dialJudge) judges(g Guard, addr string) bool {
	return j != nil && j.addr == addr && slices.ContainsFunc(j.guards, func(h Guard) bool { return judged.Same(g, h) })
}

// judge asks about resolved. It asks once: one dial gives one alert an address.
func (j *dialJudge) judge(resolved string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case slices.Contains(j.passed, resolved):
		return nil
	case slices.Contains(j.refused, resolved):
		return j.refusal
	}
	var refused error
	for _, g := range j.guards {
		if err := check(j.ctx, g, policy.Call{Net: j.addr, Addr: resolved, Via: policy.ViaAddr}); err != nil && refused == nil {
			refused = err
		}
	}
	if refused != nil {
		j.refused, j.refusal = append(j.refused, resolved), refused
		return refused
	}
	j.passed = append(j.passed, resolved)
	return nil
}

// connected judges what was really connected to: a dial hook is shown ":9001" where the
// connection is to 127.0.0.1.
func (j *dialJudge) connected(conn net.Conn, err error) (net.Conn, error) {
	switch {
	case err != nil:
	case isUnix(conn):
		unjudged.Report(j.ctx, unjudged.Unix, remote(conn))
	default:
		_ = j.judge(remote(conn))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.refusal == nil {
		return conn, err
	}
	if conn != nil {
		_ = conn.Close()
	}
	return nil, j.refusal
}

// isUnix reports whether conn is to a Unix socket, which leads nowhere.
func isUnix(conn net.Conn) bool {
	if conn == nil {
		return false
	}
	_, ok := conn.RemoteAddr().(*net.UnixAddr)
	return ok
}

// remote returns the address conn is connected to, or "", which no policy lets pass.
func remote(conn net.Conn) string {
	if conn == nil || conn.RemoteAddr() == nil {
		return ""
	}
	return conn.RemoteAddr().String()
}
