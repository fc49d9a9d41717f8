package policy

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// env is where the tests' functions run.
func env(function string) Env {
	return Env{Function: function, Account: "111122223333", Region: "eu-west-1",
		Now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
}

// vars returns e with variables set: name, value, name, value, …
func vars(e Env, pairs ...string) Env {
	e.Getenv = func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
	return e
}

func TestDesignPolicy(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "design.yaml"))
	require.NoError(t, err)
	f, err := ParseFile("policy.yaml", data)
	require.NoError(t, err)
	assert.Equal(t, []string{"checkout", "report-*"}, f.Functions())
	assert.Equal(t, []string{"dev", "prod"}, f.Stages())
	assert.Empty(t, f.Warnings())

	p, err := f.For(vars(env("checkout"), "SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x"))
	require.NoError(t, err)
	require.Len(t, p.Info(), 1)
	info := p.Info()[0]
	assert.Equal(t, "checkout dev block", info.Function+" "+info.Stage+" "+info.OnViolation.String())
	assert.Equal(t, 7, info.Rules)
	assert.Equal(t, 3, info.AWSRules)
	assert.Equal(t, []Target{
		{SNS: "arn:aws:sns:eu-west-1:111122223333:security-alerts", Line: 10, Entry: "sns: arn:aws:sns:${region}:${account}:security-alerts"},
		{Slack: "https://hooks.slack.com/services/T/B/x", Line: 11, Entry: "slack: ${SLACK_WEBHOOK_URL}"},
	}, p.Targets())

	p, err = f.For(env("report-daily"))
	require.NoError(t, err)
	assert.Equal(t, Log, p.Info()[0].OnViolation)
	assert.Len(t, p.Targets(), 1, "an unset variable leaves no target")
}

// A File never changes: any number of goroutines may compile it and use what comes out.
func TestFileConcurrently(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "policy.example.yaml"))
	require.NoError(t, err)
	f, err := ParseFile("policy.yaml", data)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for _, function := range []string{"checkout", "refund-a", "report-b", "checkout", "refund-c", "report-d"} {
		wg.Go(func() {
			p, err := f.For(env(function))
			if !assert.NoError(t, err) {
				return
			}
			r, _ := http.NewRequest("GET", "https://pastebin.com/x", nil)
			assert.Equal(t, Block, p.Decide(Call{HTTP: r}).Verdict)
			assert.Empty(t, f.Warnings())
		})
	}
	wg.Wait()
}

func TestErrorsAreFound(t *testing.T) {
	_, err := Parse("p", []byte("a: 1\nb: 2\n"), Env{})
	err = fmt.Errorf("loading: %w", err)
	var all Errors
	require.ErrorAs(t, err, &all)
	assert.Len(t, all, 2)
	var first *Error
	require.ErrorAs(t, err, &first)
	assert.Equal(t, [2]int{1, 1}, [2]int{first.Line, first.Column})
	_, err = Parse("p", []byte("whitelist:\n- aws: \"s3:Get\\np:9:9: all is well\"\n"), Env{})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "\n", "a text of the file writes no line of its own")
	assert.Equal(t, "p:3: x", (&Error{File: "p", Line: 3, Problem: "x"}).Error())
	assert.Equal(t, "p: x; y", (&Error{File: "p", Problem: "x", Fix: "y"}).Error())
}
