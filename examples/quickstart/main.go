// Command quickstart shows Outguard at work on this machine alone: no account, no network, nothing
// to configure.
//
// It starts a Lambda function (function.go), guarded by a policy (policy.yaml), as a process of
// its own. The function runs under the real lambda.Start with the AWS SDK's real clients. The
// command sends it events and prints what happened to each outbound call: what arrived where, what
// the invocation returned, and which alerts were sent. Each line marked ✓ was checked. The
// command fails if one of them does not hold.
//
// With arguments, it sends these events alone and prints the function's log: quickstart pay drain.
//
//go:debug x509usefallbackroots=1
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/lambdatest"
)

func main() {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" { // started by Lambda, or by the lines below
		function()
		return
	}
	s := &show{out: os.Stdout}
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// A show runs the function in front of the little internet and prints what happens.
type show struct {
	out   io.Writer
	net   *internet
	dir   string
	scene int // how many have been played
	wrong int // how many lines did not hold
}

func (s *show) run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if s.net, err = startInternet(hosts()); err != nil {
		return err
	}
	defer s.net.Close()
	if s.dir, err = os.MkdirTemp("", "quickstart"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	if err := os.WriteFile(s.ca(), s.net.caPEM, 0o600); err != nil {
		return err
	}

	if len(os.Args) > 1 {
		return s.events(ctx, os.Args[1:])
	}
	s.print("A function under the real lambda.Start with the real AWS SDK, and a little internet, all on this machine.\nIts policy: examples/quickstart/policy.yaml\n")
	for _, stage := range []string{"prod", "dev"} {
		if err := s.play(ctx, stage); err != nil {
			return err
		}
	}
	if s.wrong > 0 {
		return fmt.Errorf("%d of the lines above do not hold", s.wrong)
	}
	s.print("\nEvery line marked ✓ was checked as it happened.\n")
	return nil
}

func (s *show) ca() string { return filepath.Join(s.dir, "ca.pem") }

// play starts the function in a stage and plays the stage's scenes.
func (s *show) play(ctx context.Context, stage string) error {
	f, err := s.start(stage)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, sc := range scenes {
		if sc.stage != stage {
			continue
		}
		s.scene++
		s.print("\n%d. %s: %s\n", s.scene, stage, sc.title)
		out, errs := len(f.Stdout()), len(f.Stderr())
		event, _ := json.Marshal(event{sc.do})
		res, err := f.Invoke(ctx, event, &lambdatest.Request{ID: fmt.Sprintf("8476a536-e9f4-11e8-9739-00000000000%d", s.scene)})
		if err != nil {
			return err
		}
		if res.Error != nil && strings.HasPrefix(res.Error.Type, "Runtime.") {
			return fmt.Errorf("%w\n%s", res.Error, f.Stderr())
		}
		sc.check(s, &outcome{Result: res, stdout: f.Stdout()[out:], stderr: f.Stderr()[errs:]})
	}
	return nil
}

// start starts the function in a stage.
func (s *show) start(stage string) (*lambdatest.Function, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return lambdatest.Start(lambdatest.Config{
		Path: self,
		Name: "checkout",
		Env: []string{
			"STAGE=" + stage,
			"SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T0/B0/secret",
			"HTTPS_PROXY=http://" + s.net.addr,
			"QUICKSTART_CA=" + s.ca(),
		},
	})
}

func (s *show) print(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// expect prints a line about what must hold, with a mark for whether it does.
func (s *show) expect(holds bool, format string, args ...any) bool {
	mark := "✓"
	if !holds {
		mark = "✗"
		s.wrong++
	}
	s.print("   %s %s\n", mark, fmt.Sprintf(format, args...))
	return holds
}

// quote prints what somebody received, line by line.
func (s *show) quote(text string) {
	for line := range strings.Lines(text) {
		s.print("     | %s\n", strings.TrimRight(line, "\n"))
	}
}
