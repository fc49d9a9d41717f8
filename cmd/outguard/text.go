package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/outguard/outguard/policy"
)

// describe names a call for people, as the policy reads it: where it goes, without query and
// password.
func describe(c policy.Call, d policy.Description) string {
	switch {
	// The operation comes first and its resources follow, as check takes them.
	case d.Kind == "aws":
		return printable(strings.Join(append([]string{d.Service + ":" + d.Operation}, d.Resources...), " "))
	case d.Kind == "net":
		return printable(d.Net)
	// The description has the destination in canonical form, which is what was judged.
	case d.URL != "":
		return printable(d.Method + " " + d.URL)
	case c.HTTP != nil:
		return "(a request whose destination cannot be read)"
	}
	return "(not a call)"
}

// printable keeps what a terminal would obey or hide of a hostile call off it: control characters,
// and those that turn the direction of writing.
func printable(s string) string {
	// %q escapes what is not printable. Quotes and backslashes alone are harmless, and stay.
	if quoted := fmt.Sprintf("%q", s); quoted != `"`+s+`"` && strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return quoted
	}
	return s
}

// counted writes a number of things: "1 rule", "2 rules".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// widenNarrow writes how many changes widen, and how many narrow.
func widenNarrow(widen, narrow int) string {
	return counted(widen, "widens", "widen") + ", " + counted(narrow, "narrows", "narrow")
}

// printText writes a verdict for people:
//
//	block  DELETE https://api.stripe.com/v1/charges/ch_1
//	       whitelist, policy.yaml:14: host matched, method DELETE is not in [GET, POST]
//	       to allow it, add to the whitelist:
//	         - http: https://api.stripe.com/v1/charges/ch_1
func printText(w io.Writer, subject string, d policy.Decision) error {
	var b strings.Builder
	if d.Guessed && d.Allowed() {
		subject += " (" + d.Access + ", guessed)" // the reason of a violation says so
	}
	// Five columns hold the longest verdicts, so that subjects stand below each other.
	fmt.Fprintf(&b, "%-5s  %s\n", d.Verdict, subject)
	// An allowed call needs no reason, only the rule.
	if d.Allowed() && d.Rule != nil {
		fmt.Fprintf(&b, "       %s\n", source(d))
	}
	if !d.Allowed() {
		fmt.Fprintf(&b, "       %s: %s\n", source(d), printable(d.Reason))
		if d.Allow != "" {
			b.WriteString("       to allow it, add to the whitelist:\n")
			// The entry is made of a hostile call's text, so that each line is checked.
			for line := range strings.Lines(strings.TrimRight(d.Allow, "\n") + "\n") {
				b.WriteString("         " + printable(strings.TrimRight(line, "\n")) + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// source names the list, rule and file that decided: "whitelist, no-reads (policy.yaml:14)".
func source(d policy.Decision) string {
	// For a built-in rule, which no file has, the list is "builtin".
	why := d.List.String()
	switch {
	case d.Rule != nil:
		why += ", " + d.Rule.ID
		if at := fmt.Sprintf("%s:%d", d.Rule.File, d.Rule.Line); d.Rule.Line > 0 && at != d.Rule.ID {
			why += " (" + at + ")"
		}
	// A whitelist miss without a nearest rule is named by its file.
	case d.Policy != nil:
		why += ", " + d.Policy.File
	}
	return why
}
