// Package cmd tests the outguard command by scripts that read as documentation: testdata/*.txt.
package cmd

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var bin string // folder of the command under test

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "outguard")
	if err != nil {
		panic(err)
	}
	bin = dir
	build := exec.Command("go", "build", "-C", "../../..", "-o", filepath.Join(dir, "outguard"), "./cmd/outguard")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the command:", err)
		os.Exit(1)
	}
	build = exec.Command("go", "build", "-o", filepath.Join(dir, "fn"), "./fn")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the function:", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	// Scripts run in parallel, after this function has returned.
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(filepath.ListSeparator)+filepath.Join(e.WorkDir, functions)+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Values[transcriptKey{}] = new(transcript)
			// For outguard local: a function, a server on this machine, and events that call it.
			address := server.Listener.Addr().String()
			e.Setenv("FN", filepath.Join(bin, "fn"))
			e.Setenv("SERVER", address)
			for name, path := range map[string]string{"allowed.json": "/v1/charges/17", "evil.json": "/steal"} {
				event := fmt.Sprintf(`{"URLs": ["http://%s%s"]}`, address, path)
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), []byte(event), 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "deploy": deploy, "show": show, "transcript": compareTranscript,
		},
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// exits runs the command and wants its exit code: exits 2 outguard check …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if e, ok := err.(*exec.ExitError); ok {
		code = e.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got := fmt.Sprint(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}
