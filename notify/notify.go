// Package notify holds the alert and the places it goes to.
//
// An [Alert] is one violation; a [Notifier] delivers alerts: [Log], [Slack], [SNS].
package notify

import (
	"context"
	"time"
)

// A Notifier delivers alerts to one place. Notify returns when they have arrived or cannot; it keeps to ctx's deadline, may be
// called by several goroutines at once, and its error never holds a secret. All of the alerts are of one invocation or of none.
type Notifier interface {
	Notify(ctx context.Context, alerts []Alert) error
}

// Schema is the version of Alert's JSON form.
const Schema = "outguard.alert/v1"

// An Alert is one violation, or the sum of several equal ones.
type Alert struct {
	Schema    string    `json:"schema"`
	Time      time.Time `json:"time"`
	Verdict   string    `json:"verdict"` // "log", "alert" or "block"
	Function  string    `json:"function"`
	Version   string    `json:"version,omitempty"`
	Alias     string    `json:"alias,omitempty"`
	Stage     string    `json:"stage,omitempty"`
	Region    string    `json:"region,omitempty"`
	Account   string    `json:"account,omitempty"`
	RequestID string    `json:"request_id,omitempty"` // "" during init and outside any invocation
	TraceID   string    `json:"trace_id,omitempty"`
	ColdStart bool      `json:"cold_start"`
	Call      Call      `json:"call"`
	List      string    `json:"list"` // "whitelist", "blacklist" or "builtin"
	Rule      string    `json:"rule,omitempty"`
	Place     string    `json:"place,omitempty"`  // "policy.yaml:14"
	Policy    string    `json:"policy,omitempty"` // SHA-256 of the policy file, in hex
	Owner     string    `json:"owner,omitempty"`
	Reason    string    `json:"reason"`
	Allow     string    `json:"allow,omitempty"`  // the YAML that would allow the call
	Caller    string    `json:"caller,omitempty"` // "package.Func file.go:12"
	Count     int       `json:"count"`            // 1, or how many equal violations this one sums up
}

// Call is what was tried: no query, no body, no header, no credentials, and what looks like a token is masked.
type Call struct {
	Kind      string   `json:"kind"`             // "http", "aws", "net" or "policy" (the policy itself is broken)
	Method    string   `json:"method,omitempty"` // http
	URL       string   `json:"url,omitempty"`    // http: scheme, host, port, path
	Service   string   `json:"service,omitempty"`
	Operation string   `json:"operation,omitempty"`
	Access    string   `json:"access,omitempty"` // "write", "write (guessed)"
	Resources []string `json:"resources,omitempty"`
	Region    string   `json:"region,omitempty"`
	Net       string   `json:"net,omitempty"` // host:port
	Via       string   `json:"via,omitempty"` // which layer saw it
	Presigned bool     `json:"presigned,omitempty"`
}
