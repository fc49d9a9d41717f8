package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What learn and diff -next find in the result of a query is what they find in the whole log, but
// for the counts.
func TestQueriesLoseNoCall(t *testing.T) {
	var log strings.Builder
	line := func(schema, function, stage, more string) {
		fmt.Fprintf(&log, `{"schema":"outguard.%s/v1","timestamp":"2026-11-20T09:00:00Z","time":"2026-11-20T09:00:0%dZ","function":%q,"stage":%q,"region":"eu-west-1","account":"111122223333"%s}`+"\n",
			schema, log.Len()%10, function, stage, more)
	}
	call := func(host string) string {
		return fmt.Sprintf(`,"form":"GET https://%[1]s/","call":{"kind":"http","method":"GET","url":"https://%[1]s/","via":"transport"},"list":"whitelist","place":"policy.yaml:4","caller":"main.f main.go:1","count":3`, host)
	}
	next := func(sha256, verdict string) string {
		return fmt.Sprintf(`,"verdict":"allow","next":{"file":"next.yaml","sha256":%q,"verdict":%q,"list":"whitelist","place":"next.yaml"}`, sha256, verdict)
	}
	for _, function := range []string{"checkout", "refunds"} {
		for _, stage := range []string{"dev", "prod"} {
			line("start", function, stage, `,"policies":[{"file":"policy.yaml","next":{"file":"next.yaml","sha256":"22"}}]`)
			for range 2 {
				line("seen", function, stage, call("a.example")+`,"verdict":"allow"`)
				line("seen", function, stage, call("b.example")+`,"verdict":"allow"`)
				line("alert", function, stage, call(function+".example")+`,"verdict":"alert","reason":"no rule","fingerprint":"`+function+stage+`1"`)
				line("next", function, stage, call("a.example")+next("22", "block"))
				line("next", function, stage, call("a.example")+next("22", "alert"))
				line("next", function, stage, call("c.example")+next("11", "block"))
			}
		}
	}
	whole := log.String()
	count := regexp.MustCompile(`# .*|\(.*calls?, .*\)|\d+ calls? were|1 call was`)
	for name, by := range map[string]*regexp.Regexp{
		"Insights": regexp.MustCompile(`latest\(@message\) as message by (.*)`),
		"Athena":   regexp.MustCompile(`(?s)GROUP BY (.*)`),
	} {
		grouped := group(t, whole, fieldsOf(by.FindStringSubmatch(queries)[1]))
		assert.Less(t, strings.Count(grouped, "\n"), strings.Count(whole, "\n"), name)
		for _, args := range [][]string{{"learn"}, {"diff", "-next"}} {
			outputs := [2]string{}
			for i, text := range []string{whole, grouped} {
				file := filepath.Join(t.TempDir(), "log")
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				var out, errs bytes.Buffer
				require.Less(t, run(append(args, file), stdio{strings.NewReader(""), &out, &errs}), exitUsage, errs.String())
				outputs[i] = count.ReplaceAllString(out.String(), "")
			}
			assert.Equal(t, outputs[0], outputs[1], "%s %s", name, args)
			assert.Contains(t, outputs[0], "a.example")
		}
	}
}

// fieldsOf returns the paths of the fields that a query groups by.
func fieldsOf(by string) (fields []string) {
	if found := regexp.MustCompile(`'\$\.([^']*)'`).FindAllStringSubmatch(by, -1); found != nil {
		for _, f := range found {
			fields = append(fields, f[1])
		}
		return fields
	}
	return strings.Split(by, ", ")
}

// group keeps the last line of each group.
func group(t *testing.T, log string, fields []string) string {
	last, order := map[string]string{}, []string{}
	for line := range strings.Lines(log) {
		var event map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &event))
		key := ""
		for _, field := range fields {
			var at any = event
			for name := range strings.SplitSeq(field, ".") {
				object, _ := at.(map[string]any)
				at = object[name]
			}
			key += fmt.Sprint(at) + "|"
		}
		if _, ok := last[key]; !ok {
			order = append(order, key)
		}
		last[key] = line
	}
	var out strings.Builder
	for _, key := range order {
		out.WriteString(last[key])
	}
	return out.String()
}
