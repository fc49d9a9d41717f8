package learn_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

const enforced = `version: 1
next: policy-next.yaml
on_violation: block
whitelist:
- http: https://api.stripe.com/v1/**
- id: archive
  http: archive.example
`

const next = `version: 1
on_violation: block
whitelist:
- http: https://api.stripe.com/v1/**
- http: new.example
`

// beside returns the log of a function that makes calls under enforced, beside a next policy.
func beside(t *testing.T, next, learns string, calls ...policy.Call) string {
	t.Helper()
	env := place
	env.FS = fstest.MapFS{"policy-next.yaml": {Data: []byte(next)}}
	p, err := policy.Parse("policy.yaml", []byte(enforced), env)
	require.NoError(t, err)
	var out bytes.Buffer
	g := guard.New(p, &guard.Options{
		Function: env.Function, Stage: env.Stage, Region: env.Region, Account: env.Account, Stdout: &out,
		Getenv: func(name string) string { return map[string]string{"OUTGUARD_LEARN": learns}[name] },
	})
	defer g.Uninstall() // an equal guard would join it
	handler := lambda.NewHandler(g.Wrap(func(context.Context) error { return nil }))
	_, err = handler.Invoke(context.Background(), []byte("{}")) // which logs the start line
	require.NoError(t, err)
	for _, c := range calls {
		_ = g.Check(context.Background(), c)
	}
	_ = g.Flush(context.Background())
	return out.String()
}

func trialOf(t *testing.T, only learn.Options, logs ...string) *learn.Trial {
	t.Helper()
	trial := &learn.Trial{Options: only}
	for _, log := range logs {
		_, err := loglines.Read(strings.NewReader(log), func(schema string, text []byte) error {
			trial.Add(schema, text)
			return nil
		})
		require.NoError(t, err)
	}
	return trial
}

func differences(trial *learn.Trial) (all []string) {
	list, _ := trial.Differences()
	for _, d := range list {
		all = append(all, fmt.Sprintf("%s@%s %s→%s %s | %s | %d of %d", d.Function, d.Stage, d.Old.Verdict, d.New.Verdict, d.Form, d.New.Rule, d.Count, d.Distinct))
	}
	return all
}

func TestTrial(t *testing.T) {
	calls := []policy.Call{web("GET", "https://new.example/"), web("GET", "https://api.stripe.com/v1/x")}
	for i := range 10 {
		calls = append(calls, web("GET", fmt.Sprintf("https://archive.example/files/%d", i)))
	}
	calls = append(calls, web("GET", "https://new.example/"))
	log := beside(t, next, "", calls...)
	want := []string{
		"checkout@dev allow→block GET https://archive.example/files/* |  | 20 of 10",
		"checkout@dev block→allow GET https://new.example/ | policy-next.yaml:5 | 4 of 1",
	}
	trial := trialOf(t, learn.Options{}, log, log)
	assert.Equal(t, want, differences(trial))
	require.Len(t, trial.Files(), 1)
	assert.Equal(t, "policy-next.yaml", trial.Files()[0][0])

	list, outdated := trial.Differences()
	assert.Zero(t, outdated)
	assert.False(t, list[0].Widens())
	assert.True(t, list[1].Widens())
	assert.Equal(t, "GET https://archive.example/files/0", list[0].Call)
	assert.Equal(t, "- http: https://archive.example/files/*\n  methods: [GET]", list[0].Allow)
	assert.Equal(t, learn.Outcome{Verdict: "allow", List: "whitelist", Rule: "archive", Place: "policy.yaml:6"}, list[0].Old)
	assert.Equal(t, learn.Outcome{Verdict: "block", List: "whitelist", Place: "policy-next.yaml", Reason: "no whitelist rule matches host archive.example"}, list[0].New)
	assert.Contains(t, list[0].Evidence, "at least 20 calls, last ")

	// The order of lines does not matter.
	lines := strings.SplitAfter(log+log, "\n")
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
	again, _ := trialOf(t, learn.Options{}, strings.Join(lines, "\n")).Differences()
	assert.Equal(t, list, again)

	assert.Empty(t, differences(trialOf(t, learn.Options{Function: "report"}, log)))
	assert.Empty(t, differences(trialOf(t, learn.Options{Stage: "prod"}, log)))
	assert.Equal(t, want, differences(trialOf(t, learn.Options{Function: "checkout", Stage: "dev"}, log, log)))
}

// What an earlier version of a next policy would have changed does not count, also if the last one
// changes nothing.
func TestOnlyTheLastVersionOfANextPolicyCounts(t *testing.T) {
	call := web("GET", "https://archive.example/files/1")
	first := beside(t, next, "", call, call)
	last := beside(t, enforcedAsNext, "", call)
	trial := trialOf(t, learn.Options{}, last, first)
	all, outdated := trial.Differences()
	assert.Empty(t, all)
	assert.Equal(t, 2, outdated)
	assert.Len(t, trial.Files(), 1)
}

var enforcedAsNext = strings.Replace(enforced, "next: policy-next.yaml\n", "", 1)

func TestTrialOfABadLog(t *testing.T) {
	trial := &learn.Trial{}
	trial.Add("outguard.next/v1", []byte(`{"schema":"outguard.next/v1","function":"f"}`))
	trial.Add("outguard.next/v1", []byte(`{"schema":"outguard.next/v1","function":17}`))
	trial.Add("outguard.next/v1", []byte(`{"schema":"outguard.next/v1","function":"f","verdict":"allow","next":{"file":"n.yaml","verdict":"explode"}}`))
	trial.Add("outguard.next/v2", []byte(`{}`))
	trial.Add("outguard.nextmore/v1", []byte(`{"count":7}`))
	trial.Add("outguard.start/v1", []byte(`{"policies":"x"}`))
	all, _ := trial.Differences()
	assert.Empty(t, all)
	assert.Empty(t, trial.Files())
	assert.Equal(t, 3, trial.Broken)
	assert.Equal(t, 7, trial.Missing)
	assert.Equal(t, map[string]int{"outguard.next/v2": 1}, trial.Newer)
}

// learn reads the allowed calls of such lines too, and does not count a call twice.
func TestLearnReadsTheLinesOfATrial(t *testing.T) {
	calls := []policy.Call{web("GET", "https://archive.example/files/1"), web("GET", "https://archive.example/files/2"), web("GET", "https://new.example/")}
	for _, learns := range []string{"", "1"} {
		log := &learn.Log{}
		_, err := loglines.Read(strings.NewReader(beside(t, next, learns, calls...)), func(schema string, text []byte) error {
			log.Add(schema, text)
			return nil
		})
		require.NoError(t, err)
		result, err := log.Learn(nil)
		require.NoError(t, err)
		text := string(result.Policy())
		assert.Contains(t, text, "https://archive.example/files/*", learns)
		assert.Contains(t, text, "# at least 2 calls, last ", learns)
		assert.Contains(t, text, "https://new.example/", "a violation, by its own line")
		assert.Contains(t, text, "# 1 call, last ", learns)
	}
}
