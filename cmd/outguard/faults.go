package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/outguard/outguard/policy"
)

// A fault is what is wrong with a file, as validate prints it.
type fault struct {
	File     string `json:"file"`
	Line     int    `json:"line"` // 0: the file as a whole
	Column   int    `json:"column"`
	Severity string `json:"severity"` // "error" keeps a policy from loading; "warning" does not
	Problem  string `json:"problem"`
	Fix      string `json:"fix"`
	Rule     string `json:"rule"` // the kind of fault; see faultRules
	// text is the fault in one line, as package policy words it. It is not in JSON.
	text string
}

// faultFormats are the formats of validate.
var faultFormats = map[string]func(io.Writer, *fault){
	"text":   func(w io.Writer, f *fault) { fmt.Fprintln(w, f.text) },
	"json":   printFaultJSON,
	"github": printFaultForGitHub,
}

// printFaultJSON prints a fault as one line of JSON.
func printFaultJSON(w io.Writer, f *fault) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(f)
}

// printFaultForGitHub prints a workflow command, which GitHub shows beside the line in a pull
// request.
func printFaultForGitHub(w io.Writer, f *fault) {
	// GitHub's rules for workflow commands: a property ends at "," or ":", and a value at the
	// line's end.
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	at := "file=" + property.Replace(f.File)
	if f.Line > 0 {
		at += fmt.Sprintf(",line=%d,col=%d", f.Line, f.Column)
	}
	text := f.Problem
	if f.Fix != "" {
		text += "; " + f.Fix
	}
	fmt.Fprintf(w, "::%s %s,title=outguard::%s\n", f.Severity, at, value.Replace(text))
}

// A faultPrinter prints faults in one format, and counts them.
type faultPrinter struct {
	out   io.Writer
	print func(io.Writer, *fault)
	count int
}

// errors prints every error; policy.Errors prints no more than fit into a log line.
func (p *faultPrinter) errors(name string, err error) {
	var all policy.Errors
	switch {
	case err == nil:
	case errors.As(err, &all):
		for _, e := range all {
			p.add(&fault{e.File, e.Line, e.Column, "error", e.Problem, e.Fix, "", e.Error()})
		}
	// Other errors name no place in the file.
	default:
		p.add(&fault{File: name, Severity: "error", Problem: err.Error(), text: err.Error()})
	}
}

// warning prints a warning of package policy.
func (p *faultPrinter) warning(w policy.Warning) {
	p.add(&fault{w.File, w.Line, w.Column, "warning", w.Problem, w.Fix, "", w.String()})
}

// add prints a fault in the printer's format, and counts it.
func (p *faultPrinter) add(f *fault) {
	p.count++
	f.Rule = ruleOf(f)
	// Faults are printed as they are found: of several files, those of the first come first.
	p.print(p.out, f)
}
