package main

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
)

// This file writes faults as SARIF 2.1.0, which code scanning services take.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	} `json:"driver"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
	HelpURI          string    `json:"helpUri"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
}

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
	run := sarifRun{ColumnKind: "unicodeCodePoints", Invocations: []sarifInvocation{{Successful: true}}, Results: []sarifResult{}}
	driver := &run.Tool.Driver
	driver.Name, driver.Version, driver.InformationURI = "outguard", moduleVersion(), projectURL
	for _, r := range faultRules {
		driver.Rules = append(driver.Rules, sarifRule{r.id, sarifText{r.text}, projectURL + "/blob/main/docs/command.md#kinds-of-faults"})
	}
	return &sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}
}

// add adds a fault. It has the form of the other printers of faults.
func (l *sarifLog) add(_ io.Writer, f *fault) {
	r := sarifResult{RuleID: f.Rule, Level: f.Severity, Message: sarifText{f.Problem}}
	r.RuleIndex = slices.IndexFunc(faultRules, func(rule faultRule) bool { return rule.id == f.Rule })
	if f.Fix != "" {
		r.Message.Text += "; " + f.Fix
	}
	var at sarifLocation
	at.Physical.Artifact.URI = fileURI(f.File)
	if f.Line > 0 {
		at.Physical.Region = &sarifRegion{f.Line, f.Column}
	}
	r.Locations = []sarifLocation{at}
	l.Runs[0].Results = append(l.Runs[0].Results, r)
}

// failed notes that a file could not be read.
func (l *sarifLog) failed(err error) {
	invocation := &l.Runs[0].Invocations[0]
	invocation.Successful = false
	invocation.Notifications = append(invocation.Notifications, sarifNotification{"error", sarifText{err.Error()}})
}

func (l *sarifLog) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(l)
}

// fileURI returns a file's name as a URI, which is relative if the name is.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
