package main

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
)

// This file writes faults as SARIF 2.1.0, which code scanning services take.

// A sarifLog is a whole file. The types below have only the keys that are written.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

// A sarifRun is one run of validate.
type sarifRun struct {
	Tool sarifTool `json:"tool"`
	// Invocations say whether every file could be read.
	Invocations []sarifInvocation `json:"invocations"`
	// ColumnKind says what a column counts: characters, as the YAML parser does.
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

// A sarifTool names this command and the kinds of faults that it knows.
type sarifTool struct {
	Driver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	} `json:"driver"`
}

// A sarifRule is a kind of fault, by the id of faultRules.
type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
	HelpURI          string    `json:"helpUri"`
}

// A sarifText is how SARIF wraps each text.
type sarifText struct {
	Text string `json:"text"`
}

// A sarifInvocation says whether all files could be read.
type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

// A sarifNotification is a file that could not be read, which is not a fault in it.
type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

// A sarifResult is one fault.
type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

// A sarifLocation is the file and the place of a fault.
type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
}

// A sarifRegion is a line and perhaps a column, from 1.
type sarifRegion struct {
	Line   int `json:"startLine"`
	Column int `json:"startColumn,omitempty"`
}

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	projectURL  = "https://github.com/outguard/outguard"
)

// newSARIF returns a log without results.
func newSARIF() *sarifLog {
	// An empty list means that nothing was found. In SARIF, null means that nothing was looked for.
	run := sarifRun{ColumnKind: "unicodeCodePoints", Invocations: []sarifInvocation{{Successful: true}}, Results: []sarifResult{}}
	driver := &run.Tool.Driver
	driver.Name, driver.Version, driver.InformationURI = "outguard", moduleVersion(), projectURL
	// All kinds are listed, found or not, so that an index in a result always means the same kind.
	for _, r := range faultRules {
		driver.Rules = append(driver.Rules, sarifRule{r.id, sarifText{r.text}, projectURL + "/blob/main/docs/command.md#kinds-of-faults"})
	}
	return &sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}
}

// add adds a fault. It has the form of the other printers of faults.
func (l *sarifLog) add(_ io.Writer, f *fault) {
	// The severities of faults have the names of SARIF's levels.
	r := sarifResult{RuleID: f.Rule, Level: f.Severity, Message: sarifText{f.Problem}}
	// Services find the description of a kind by its index.
	r.RuleIndex = slices.IndexFunc(faultRules, func(rule faultRule) bool { return rule.id == f.Rule })
	if f.Fix != "" {
		r.Message.Text += "; " + f.Fix
	}
	var at sarifLocation
	at.Physical.Artifact.URI = fileURI(f.File)
	// A fault of the file as a whole has no line.
	if f.Line > 0 {
		at.Physical.Region = &sarifRegion{f.Line, f.Column}
	}
	r.Locations = []sarifLocation{at}
	l.Runs[0].Results = append(l.Runs[0].Results, r)
}

// failed notes that a file could not be read.
func (l *sarifLog) failed(err error) {
	invocation := &l.Runs[0].Invocations[0]
	// A reader must not take a missing result for a fix.
	invocation.Successful = false
	invocation.Notifications = append(invocation.Notifications, sarifNotification{"error", sarifText{err.Error()}})
}

// write writes the log, with all of its results.
func (l *sarifLog) write(w io.Writer) error {
	e := json.NewEncoder(w)
	// Messages keep < and & readable.
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(l)
}

// fileURI returns a file's name as a URI, which is relative if the name is.
func fileURI(name string) string {
	// URL escapes blanks and other characters that a URI cannot have.
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
