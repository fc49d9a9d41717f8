package matrixtest

import (
	"crypto/tls"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// A column is a way to guard the function.
type column struct {
	name  string // in the tables
	long  string // in a sentence
	built bool   // by the build word
	mode  string // of program fn
	env   []string
}

const (
	nothing = iota
	wired
	lower
	build
)

var columns = []column{
	nothing: {name: "nothing", long: "nothing"},
	// Without the lower layers, so that the recipes stand for themselves.
	wired: {name: "wired", long: "wired as the recipes say, without the lower layers", mode: "wired",
		env: []string{"OUTGUARD_LAYERS=-names,-context"}},
	lower: {name: "lower layers", long: "`lambda.Start(guard.Wrap(handle))` alone", mode: "lower"},
	build: {name: "build word", long: "the build word", built: true},
}

// A runner runs ways in one column, by one kind of policy.
type runner struct {
	t            *testing.T
	column       *column
	allow        bool
	program      string
	child        string // the program that is started as a child
	cert         tls.Certificate
	certificates string // the file that the function trusts
	cells        []cell // of the rows
}

// run runs every row.
func (r *runner) run() []cell {
	var together []*target
	all := rows()
	r.cells = make([]cell, len(all))
	for i := range all {
		t := &target{row: &all[i], n: i + 1}
		t.main = record(r.t, t.row.to, t.n, t.row.only, r.cert)
		if t.row.other == "front" {
			t.front = record(r.t, web, t.n, "", r.cert)
		}
		t.resolve()
		if t.row.alone() {
			r.batch([]*target{t})
		} else {
			together = append(together, t)
		}
	}
	r.batch(together)
	return r.cells
}

// batch runs rows in one process.
func (r *runner) batch(targets []*target) {
	f := r.start(targets)
	defer f.Close()
	for _, to := range targets {
		r.call(f, to)
	}
	f.Stop()
	log, ran := f.Stdout(), f.Stderr()
	for _, to := range targets {
		if to.row.at == "" { // else a block fails the invocation before the handler runs
			assert.Contains(r.t, ran, "way: "+to.way()+"\n", "%s: the handler did not run", r.column.name)
		}
		to.main.end()
		c := &r.cells[to.n-1]
		c.log = to.lines(log)
		if r.allow {
			c.fails = to.main.got.Load() == 0
		} else {
			c.reached, c.reported = to.main.got.Load() > 0, c.log != ""
		}
		c.log += to.result + "\n"
	}
}

// start starts the function with the policy of the rows.
func (r *runner) start(targets []*target) *lambdatest.Function {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), "policy.yaml")
	require.NoError(r.t, os.WriteFile(file, []byte(policy(targets, r.allow)), 0o600))
	env := []string{
		"OUTGUARD_POLICY=" + file, "SSL_CERT_FILE=" + r.certificates,
		"MATRIX_COLUMN=" + r.column.mode, "MATRIX_CHILD=" + r.child,
		"AWS_XRAY_SDK_DISABLED=TRUE", // its daemon is not here
	}
	for _, to := range targets {
		if to.row.at != "" {
			env = append(env, to.row.at+"=http://"+to.host+to.path())
		}
	}
	f, err := lambdatest.Start(lambdatest.Config{
		Path: r.program, Name: "checkout", Env: append(env, r.column.env...), Timeout: 20 * time.Second,
	})
	require.NoError(r.t, err)
	return f
}

// call makes one call, and waits for what has to come.
func (r *runner) call(f *lambdatest.Function, to *target) {
	event, err := json.Marshal(map[string]string{"Way": to.way(), "Target": to.host, "Path": to.path(), "Other": to.other})
	require.NoError(r.t, err)
	result, err := f.Invoke(r.t.Context(), event, nil)
	if !assert.NoError(r.t, err) {
		return
	}
	to.result = string(result.Body)
	if result.Error != nil {
		to.result = result.Error.Error()
	}
	if r.allow || to.row.reportOnly() || strings.HasPrefix(to.row.name, "goroutine") {
		deadline := time.Now().Add(3 * time.Second)
		awaited := func() bool {
			return to.main.got.Load() > 0 || !r.allow && !to.row.reportOnly() && to.lines(f.Stdout()) != ""
		}
		for !awaited() && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
	}
}

func (t *target) path() string {
	if t.row.path != "" {
		return t.row.path
	}
	return "/a"
}

// way is the name of what the handler does. Calls before the handler runs are made already.
func (t *target) way() string {
	if t.row.at != "" {
		return "nothing"
	}
	return t.row.name
}

// lines returns the lines of a log that report the row.
func (t *target) lines(log string) string {
	var found strings.Builder
	for line := range strings.Lines(log) {
		var l struct {
			Schema, Child string
			Warnings      []string
		}
		if json.Unmarshal([]byte(line), &l) != nil {
			continue
		}
		switch l.Schema {
		case "outguard.alert/v1", "outguard.unjudged/v1":
			if t.concerns(line) || l.Child != "" && strings.HasPrefix(t.row.name, "os/exec") {
				found.WriteString(line)
			}
		case "outguard.start/v1", "outguard.gap/v1":
			if strings.HasPrefix(t.row.name, "another scheme") && strings.Contains(line, "gopher") {
				found.WriteString(line)
			}
		}
	}
	return found.String()
}

// policy is the policy of the rows: what they are meant to be denied or allowed by.
func policy(targets []*target, allow bool) string {
	var b strings.Builder
	for _, to := range targets {
		entries := to.row.deny
		if allow {
			entries = to.row.rule
		}
		if entries != "" {
			b.WriteString("    " + strings.ReplaceAll(to.text(entries), "\n", "\n    ") + "\n")
		}
	}
	head := "version: 1\non_violation: block\non_unguarded: block\nfunctions:\n  checkout:\n    whitelist:"
	if b.Len() == 0 {
		return head + " []\n"
	}
	// The recorders are on loopback, which names may not lead to by themselves.
	b.WriteString("    - ip: 127.8.0.0/24\n")
	return head + "\n" + b.String()
}
