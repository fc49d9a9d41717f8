package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/outguard/outguard/internal/lambdatest"
)

// This file invokes the function without the show: go run ./quickstart pay drain.

// errFailed makes the exit code say that the log has an error.
var errFailed = errors.New("an invocation failed")

// events starts the function, in the stage $STAGE or prod, and sends it events. The log of the
// function goes to standard output, and what each invocation came to goes to standard error.
func (s *show) events(ctx context.Context, all []string) error {
	stage := os.Getenv("STAGE")
	if stage == "" {
		stage = "prod"
	}
	f, err := s.start(stage)
	if err != nil {
		return err
	}
	defer f.Close()
	failed := false
	for i, do := range all {
		payload, err := json.Marshal(event{do})
		if err != nil {
			return err
		}
		// The ids of requests are the same each time, so that logs can be compared.
		res, err := f.Invoke(ctx, payload, &lambdatest.Request{ID: fmt.Sprintf("8476a536-e9f4-11e8-9739-00000000000%d", i)})
		switch {
		case err != nil:
			return err
		case res.Error != nil:
			failed = true
			fmt.Fprintf(os.Stderr, "%s: %s: %s\n", do, res.Error.Type, res.Error.Message)
		default:
			fmt.Fprintf(os.Stderr, "%s: %s\n", do, res.Body)
		}
	}
	s.print("%s", f.Stdout())
	if failed {
		return errFailed
	}
	return nil
}
