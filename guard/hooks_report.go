package guard

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/outguard/outguard/internal/buildmark"
	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/internal/unjudged"
)

// unjudgedLine is the log line of what leaves the process without being judged: a child process, or
// a connection to a Unix socket. It is written once for each name and caller.
type unjudgedLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"`
	Function  string    `json:"function"`
	Child     string    `json:"child,omitempty"` // the program that is started; its arguments may hold secrets
	Unix      string    `json:"unix,omitempty"`  // the path of the socket
	Caller    string    `json:"caller,omitempty"`
}

// maxUnjudged is how many such lines a process writes: names may be random.
const maxUnjudged = 200

// reported holds kind, name and caller of the lines that have been written. It never shrinks, so
// that the log gets at most maxUnjudged lines.
var reported struct {
	sync.Mutex
	seen map[[3]string]struct{}
}

// Packages below, such as netguard, cannot import this one. So they report through a variable.
func init() { unjudged.Reporter = reportUnjudged }

// hookedChild reports a program that os/exec or os.StartProcess starts. What it sends is invisible
// to this process.
func hookedChild(name string) { unjudged.Report(context.Background(), unjudged.Child, name) }

// reportUnjudged logs what cannot be judged.
func reportUnjudged(ctx context.Context, kind, name string) {
	if sinkmark.Is(ctx) {
		return
	}
	// ./tool and tool are one program and need one line.
	if kind == unjudged.Child {
		name = filepath.Clean(name)
	}
	place := caller()
	key := [3]string{kind, name, place}
	reported.Lock()
	if _, again := reported.seen[key]; again || len(reported.seen) >= maxUnjudged {
		reported.Unlock()
		return
	}
	if reported.seen == nil {
		reported.seen = map[[3]string]struct{}{}
	}
	reported.seen[key] = struct{}{}
	reported.Unlock()

	// A child can reach any host, which deserves a warning. A Unix socket stays on this machine.
	line := unjudgedLine{Level: "WARN", Timestamp: time.Now().UTC(), Schema: "outguard.unjudged/v1", Caller: place}
	switch kind {
	case unjudged.Child:
		line.Child = name
	case unjudged.Unix:
		line.Level, line.Unix = "INFO", name
	}
	// With the build word, a child may start before any guard has joined. Then hookedGuards loads
	// one.
	all := guards()
	if buildmark.Is() {
		all = hookedGuards()
	}
	for _, g := range all {
		line.Function = g.origin.function
		g.alerts().LogLine(line)
		return // one line for the process
	}
}
