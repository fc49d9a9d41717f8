package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// This file has the commands of the scripts that run a function, and that keep a transcript of what
// a user types and sees.

// functions is the folder of a script with the functions that it has deployed.
const functions = "functions"

// deploy builds the quickstart's function with another policy in the place of its own: deploy
// policy.yaml. The program checkout then stands for it: checkout pay drain sends it two events.
func deploy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: deploy POLICY")
	}
	examples, err := filepath.Abs("../../../examples")
	ts.Check(err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(examples, "quickstart", "policy.yaml"): ts.MkAbs(args[0])}})
	ts.Check(err)
	file := ts.MkAbs("overlay.json")
	ts.Check(os.WriteFile(file, overlay, 0o644))
	build := exec.Command("go", "build", "-C", examples, "-overlay", file, "-o", ts.MkAbs(filepath.Join(functions, "checkout")), "./quickstart")
	if out, err := build.CombinedOutput(); err != nil {
		ts.Fatalf("%v\n%s", err, out)
	}
}

// A transcript is what a user types and sees.
type transcript struct{ strings.Builder }

type transcriptKey struct{}

// show runs a command, which may write to a file, and adds it and its output to the transcript:
// show outguard learn function.log > policy.yaml. With a !, the command must fail.
func show(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.Value(transcriptKey{}).(*transcript)
	text.WriteString("$ " + strings.Join(args, " ") + "\n")
	into := ""
	if n := len(args) - 2; n > 0 && args[n] == ">" {
		into, args = args[n+1], args[:n]
	}
	err := ts.Exec(args[0], args[1:]...)
	if (err != nil) != neg {
		ts.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
	stdout := ts.ReadFile("stdout")
	if into != "" {
		ts.Check(os.WriteFile(ts.MkAbs(into), []byte(stdout), 0o644))
		stdout = ""
	}
	text.WriteString(stdout + ts.ReadFile("stderr"))
}

// compareTranscript compares the transcript with the console block of a document of the project, or
// rewrites that: transcript README.md.
func compareTranscript(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: transcript FILE")
	}
	file := filepath.Join("..", "..", "..", args[0])
	text, err := os.ReadFile(file)
	ts.Check(err)
	before, rest, ok := bytes.Cut(text, []byte("```console\n"))
	block, after, closed := bytes.Cut(rest, []byte("```\n"))
	if !ok || !closed {
		ts.Fatalf("%s has no ```console block", args[0])
	}
	want := ts.Value(transcriptKey{}).(*transcript).String()
	switch {
	case days.ReplaceAllString(want, "DAY") == days.ReplaceAllString(string(block), "DAY"):
	case os.Getenv("UPDATE_SCRIPTS") != "":
		ts.Check(os.WriteFile(file, bytes.Join([][]byte{before, []byte("```console\n" + want + "```\n"), after}, nil), 0o644))
	default:
		ts.Fatalf("%s is behind; UPDATE_SCRIPTS=1 go test -C internal/e2e ./cmd brings it up to date:\n%s", args[0], want)
	}
}

// days differ from run to run.
var days = regexp.MustCompile(`\d{4}-\d\d-\d\d`)
