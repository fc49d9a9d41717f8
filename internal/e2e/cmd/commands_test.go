package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A commandCase is how one command is called. Each runs in a folder of its own with commandFiles.
type commandCase struct {
	name   string
	flags  []string // without -json; may be empty
	args   []string
	policy []string // the same call, with -policy; nil: as args without it
	place  []string // the same call for FUNCTION@STAGE; nil: the command is about no function
	exit   int      // of the call
	found  []string // a call that finds something, which exits with 1; nil: there is none
	fails  []string // a call that cannot be done, which exits with 2
	writes []string // a call that writes the file out.yaml; nil: the command writes no file
	stdin  []string // a call that waits for standard input; nil: the command reads none
}

// commandCases has every command of the list that outguard help prints, but those of laterCommands.
var commandCases = []commandCase{
	{
		name: "init", flags: []string{"-o", "new.yaml"}, policy: []string{"-policy", "new2.yaml"}, fails: []string{"-o", "policy.yaml"},
		writes: []string{"-o", "out.yaml"},
	},
	{
		name: "learn", flags: []string{"-function", "checkout"}, args: []string{"function.log"}, policy: []string{"-policy", "policy.yaml", "function.log"},
		place: []string{"checkout@dev", "function.log"}, found: []string{"forbidden.log"}, fails: []string{"nowhere.log"},
		writes: []string{"-o", "out.yaml", "function.log"}, stdin: []string{"-"},
	},
	{
		name: "validate", flags: []string{"-q"}, args: []string{"policy.yaml"}, policy: []string{"-policy", "policy.yaml"},
		place: []string{"checkout@dev", "policy.yaml"}, found: []string{"broken.yaml"}, fails: []string{"nowhere.yaml"},
	},
	{
		name: "check", flags: []string{"-function", "checkout", "-stage", "dev"}, args: []string{"GET", "https://a.example/x"},
		policy: []string{"-policy", "policy.yaml", "checkout@dev", "GET", "https://a.example/x"}, place: []string{"checkout@dev", "GET", "https://a.example/x"},
		found: []string{"checkout@dev", "GET", "https://b.example/"}, fails: []string{"nothing"}, stdin: []string{"checkout@dev"},
	},
	{
		name: "explain", flags: []string{"-function", "checkout", "-stage", "dev"}, args: []string{"GET", "https://a.example/x"},
		policy: []string{"-policy", "policy.yaml", "checkout@dev", "GET", "https://a.example/x"}, place: []string{"checkout@dev", "GET", "https://a.example/x"},
		found: []string{"checkout@dev", "GET", "https://b.example/"}, fails: []string{"nothing"}, stdin: []string{"-"},
	},
	{
		name: "test", flags: []string{"-cover"}, args: []string{"policy.policytest"}, policy: []string{"-policy", "policy.yaml", "policy.policytest"},
		place: []string{"checkout@dev", "policy.policytest"}, found: []string{"wrong.policytest"}, fails: []string{"nowhere.policytest"},
	},
	{
		name: "diff", flags: []string{"-gate"}, args: []string{"policy.yaml", "policy.yaml"}, policy: []string{"-policy", "policy.yaml", "policy.yaml"},
		place: []string{"checkout@dev", "policy.yaml", "policy.yaml"}, found: []string{"-gate", "policy.yaml", "wide.yaml"}, fails: []string{"policy.yaml"},
		stdin: []string{"-calls", "-", "policy.yaml", "policy.yaml"},
	},
	{
		name: "bundle", flags: []string{"-function", "checkout"}, args: []string{"policy.yaml"}, policy: []string{"-policy", "policy.yaml", "-function", "checkout"},
		place: []string{"checkout@dev", "policy.yaml"}, fails: []string{"policy.yaml"}, writes: []string{"-function", "checkout", "-o", "out.yaml", "policy.yaml"},
	},
	{name: "version", fails: []string{"x"}},
}

// laterCommands have tests of their own, and the checks that hold for every command.
var laterCommands = map[string]bool{"go": true, "report": true, "sign": true, "local": true}

const logLine = `{"schema":"outguard.alert/v1","time":"2026-11-20T12:00:00Z","verdict":"log","function":"checkout","stage":"dev","region":"eu-west-1","account":"111122223333","call":{"kind":"http","method":"GET","url":"https://a.example/x","via":"transport"},"list":"whitelist","reason":"x","count":1}` + "\n"

var commandFiles = map[string]string{
	"policy.yaml":       "version: 1\nstage: ${STAGE:-dev}\non_violation: {dev: block}\nfunctions:\n  checkout:\n    whitelist: [{http: https://a.example/**}]\n",
	"wide.yaml":         "version: 1\nstage: ${STAGE:-dev}\non_violation: {dev: block}\nfunctions:\n  checkout:\n    whitelist: [{http: https://a.example/**}, {http: b.example}]\n",
	"broken.yaml":       "version: 1\nwhitelsit: []\n",
	"policy.policytest": "allow  checkout@dev  GET https://a.example/x\n",
	"wrong.policytest":  "block  checkout@dev  GET https://a.example/x\n",
	"function.log":      logLine,
	"forbidden.log":     logLine + strings.ReplaceAll(logLine, "a.example", "169.254.169.254"),
}

// outguard runs the command in a folder, without the variables of this environment that it reads.
func outguard(t *testing.T, dir string, stdin io.Reader, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	run := exec.CommandContext(t.Context(), filepath.Join(bin, "outguard"), args...)
	run.Dir, run.Env, run.Stdin = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, stdin
	var out, err bytes.Buffer
	run.Stdout, run.Stderr = &out, &err
	_ = run.Run()
	return out.String(), err.String(), run.ProcessState.ExitCode()
}

func commandFolder(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range commandFiles {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

func join(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// TestEveryCommand holds all commands against what they have in common.
func TestEveryCommand(t *testing.T) {
	help, _, exit := outguard(t, t.TempDir(), nil, "help")
	require.Zero(t, exit)
	known := map[string]bool{}
	for _, c := range commandCases {
		known[c.name] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+) +\S`).FindAllStringSubmatch(help, -1) {
		name := m[1]
		assert.True(t, known[name] || laterCommands[name], "commandCases does not have %s", name)
		t.Run(name+"/help", func(t *testing.T) {
			text, _, exit := outguard(t, t.TempDir(), nil, name, "-h")
			assert.Zero(t, exit)
			assert.Regexp(t, "^Usage: outguard "+name, text)
			if name != "go" {
				assert.Contains(t, text, "\nExamples:\n  ", "a worked example")
			}
		})
	}
	for _, c := range commandCases {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func (c *commandCase) check(t *testing.T) {
	expect := func(want int, args []string) string {
		t.Helper()
		stdout, stderr, exit := outguard(t, commandFolder(t), nil, append([]string{c.name}, args...)...)
		assert.Equal(t, want, exit, "outguard %s %s\n%s%s", c.name, strings.Join(args, " "), stdout, stderr)
		return stdout
	}
	before := expect(c.exit, join(c.flags, c.args))
	assert.Equal(t, before, expect(c.exit, join(c.args, c.flags)), "flags after the arguments")
	if len(c.args) > 0 {
		expect(c.exit, join(c.flags, []string{"--"}, c.args))
	}
	if c.policy != nil {
		expect(c.exit, c.policy)
	}
	if c.place != nil {
		expect(c.exit, c.place)
	}
	if c.found != nil {
		expect(1, c.found)
	}
	expect(2, c.fails)
	expect(2, []string{"-nonsense"})
	lines := expect(c.exit, join([]string{"-json"}, c.flags, c.args))
	for line := range strings.Lines(lines) {
		assert.True(t, json.Valid([]byte(line)), "-json prints a line of JSON each: %s", line)
	}
	c.checkWrites(t)
	c.checkPipe(t)
	c.checkInterrupt(t)
}

// checkWrites finds out that a file is replaced whole, and that nothing is left beside it.
func (c *commandCase) checkWrites(t *testing.T) {
	if c.writes == nil {
		return
	}
	dir := commandFolder(t)
	old := filepath.Join(dir, "out.yaml")
	if c.name != "init" { // which overwrites nothing
		require.NoError(t, os.WriteFile(old, []byte("old"), 0o644))
		require.NoError(t, os.Link(old, filepath.Join(dir, "kept.yaml")))
	}
	_, stderr, exit := outguard(t, dir, nil, append([]string{c.name}, c.writes...)...)
	require.Zero(t, exit, stderr)
	data, err := os.ReadFile(old)
	require.NoError(t, err)
	assert.Contains(t, string(data), "version: 1")
	if c.name != "init" {
		kept, err := os.ReadFile(filepath.Join(dir, "kept.yaml"))
		require.NoError(t, err)
		assert.Equal(t, "old", string(kept), "the file is written beside its target, and renamed")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// checkPipe runs the command with a pipe that nobody reads.
func (c *commandCase) checkPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	run := exec.CommandContext(t.Context(), filepath.Join(bin, "outguard"), append([]string{c.name}, join(c.flags, c.args)...)...)
	run.Dir, run.Env, run.Stdout = commandFolder(t), []string{"PATH=" + os.Getenv("PATH")}, w
	var stderr bytes.Buffer
	run.Stderr = &stderr
	_ = run.Run()
	require.NoError(t, w.Close())
	assert.NotContains(t, stderr.String(), "panic")
	assert.NotContains(t, stderr.String(), "broken pipe")
}

// checkInterrupt interrupts a command that waits for standard input.
func (c *commandCase) checkInterrupt(t *testing.T) {
	if c.stdin == nil {
		return
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	run := exec.CommandContext(t.Context(), filepath.Join(bin, "outguard"), append([]string{c.name}, c.stdin...)...)
	run.Dir, run.Env, run.Stdin = commandFolder(t), []string{"PATH=" + os.Getenv("PATH")}, r
	run.WaitDelay = time.Minute
	var stderr bytes.Buffer
	run.Stderr = &stderr
	require.NoError(t, run.Start())
	require.NoError(t, r.Close())
	// The write returns when the pipe has room, so fill it: then the command has begun to read.
	_, err = w.WriteString(strings.Repeat(logLine, 400))
	require.NoError(t, err)
	require.NoError(t, run.Process.Signal(os.Interrupt))
	_ = run.Wait()
	status, ok := run.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	assert.True(t, status.Signaled() && status.Signal() == syscall.SIGINT || run.ProcessState.ExitCode() > 0, run.ProcessState)
	assert.NotContains(t, stderr.String(), "goroutine")
}
