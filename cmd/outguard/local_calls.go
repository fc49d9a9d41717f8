package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/outguard/outguard/notify"
)

// started warns if the function does not judge by the file of -policy: a policy that is built in
// counts more. A function that could not load its policy reports that by itself.
func (l *local) started(line []byte) {
	var start struct {
		Policies []struct {
			SHA256 string `json:"sha256"`
		} `json:"policies"`
		More  int    `json:"more_policies"`
		Error string `json:"error"`
	}
	if l.policy == "" || json.Unmarshal(line, &start) != nil || start.Error != "" || start.More > 0 {
		return
	}
	text, err := os.ReadFile(l.policy)
	if err != nil {
		return // it was there a moment ago
	}
	sum := sha256.Sum256(text)
	for _, p := range start.Policies {
		if p.SHA256 == hex.EncodeToString(sum[:]) {
			return
		}
	}
	fmt.Fprintf(l.std.err, "outguard local: the function does not judge by %s: it gives guard.Load a policy of its own, which counts more than -policy\n", printable(l.policy))
}

// line prints a line of the function's standard output: a call with its verdict for people, and all
// else as it is.
func (l *local) line(text []byte) {
	// head has what every line of Outguard begins with.
	var head struct {
		Schema string `json:"schema"`
	}
	// Most lines are the function's own, and are passed on.
	if !bytes.Contains(text, []byte(`"schema":"outguard.`)) || json.Unmarshal(text, &head) != nil {
		l.own(text)
		return
	}
	switch head.Schema {
	case notify.Schema, "outguard.seen/v1", "outguard.next/v1":
	case "outguard.start/v1":
		l.started(text)
		return
	case "outguard.metric/v1":
		return // each call is printed
	// A newer guard may write lines that this command cannot read.
	default:
		l.own(text)
		return
	}
	// The alert's line is also a metric of CloudWatch, whose dimensions differ from the alert's
	// keys by case only. Package json would put them into the alert's fields.
	var call struct {
		notify.Alert
		Function any `json:"Function"` // the dimensions of the metric
		Stage    any `json:"Stage"`
		Verdict  any `json:"Verdict"`
		Next     struct {
			File    string `json:"file"`
			Verdict string `json:"verdict"`
			Reason  string `json:"reason"`
		} `json:"next"`
	}
	// A line that only looks like one of Outguard is passed on, too.
	if json.Unmarshal(text, &call) != nil {
		l.own(text)
		return
	}
	// A violation is what the exit code reports.
	if head.Schema == notify.Schema {
		l.exit = exitFound
	}
	// The line is passed on byte for byte, with all keys that the guard wrote.
	if l.json {
		_, err := l.std.out.Write(append(text, '\n'))
		l.wrote(err)
		return
	}
	a := &call.Alert
	var b strings.Builder
	// A next policy has judged the call, and nothing was refused by it.
	if head.Schema == "outguard.next/v1" {
		fmt.Fprintf(&b, "next   %s\n       %s would be: %s %s\n", printable(a.Call.String()), printable(call.Next.File), printable(call.Next.Verdict), printable(call.Next.Reason))
	} else {
		fmt.Fprintf(&b, "%-5s  %s", printable(a.Verdict), printable(a.Call.String()))
		// Repeats are counted in one line later.
		if a.Count > 1 || !a.Since.IsZero() {
			fmt.Fprintf(&b, " (%d more)", a.Count)
		}
		// The call comes first, and below it what decided, as check prints it.
		b.WriteString("\n       " + printable(ruleText(a)))
		if a.Caller != "" && a.Caller != "(none)" {
			b.WriteString(", called by " + printable(a.Caller))
		}
		b.WriteByte('\n')
		if a.Allow != "" {
			b.WriteString("       to allow it, add to the whitelist:\n")
			// The entry stands in the alert's line, so that nothing is judged again here.
			for entry := range strings.Lines(a.Allow) {
				b.WriteString("         " + printable(strings.TrimRight(entry, "\n")) + "\n")
			}
		}
	}
	// One Write for each call keeps lines whole beside the function's own output.
	_, err := l.std.out.Write([]byte(b.String()))
	l.wrote(err)
}

// ruleText names what decided, and why.
func ruleText(a *notify.Alert) string {
	text := a.List
	if a.Rule != "" {
		text += ", " + a.Rule
	}
	if a.Place != "" && a.Place != a.Rule {
		text += " (" + a.Place + ")"
	}
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	return strings.TrimPrefix(text, ", ")
}
