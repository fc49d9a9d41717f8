// Package notify defines the alert, and delivers alerts.
//
// An [Alert] is one violation. A [Notifier] delivers alerts to one place: [Log], [Slack], [SNS],
// [EventBridge] or [Webhook], or a type of your own.
package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/foldids"
)

// A Notifier delivers alerts to one place. Notify returns when they have arrived or cannot arrive.
// It keeps to ctx's deadline and may be called by several goroutines at once. Its error never holds
// a secret; a *[DeliveryError] reports which alerts did not arrive.
//
// A guard calls Notify outside the handler's goroutine, with at most [MaxBatch] alerts at a time,
// each of them clean; see [Alert.Clean].
type Notifier interface {
	Notify(ctx context.Context, alerts []Alert) error
}

// MaxBatch is the largest number of alerts that a guard hands to a Notifier at a time.
const MaxBatch = 100

// Schema is the version of Alert's JSON form, which alert.schema.json in the root of the module
// describes. A version may get new fields. Its fields are never changed or removed.
const Schema = "outguard.alert/v1"

// An Alert is one violation, or the sum of equal violations. The zero value of a field means that
// it is not known, or does not apply to the call.
type Alert struct {
	Schema      string    `json:"schema"`
	Time        time.Time `json:"time"`
	Verdict     string    `json:"verdict"`               // "log", "alert" or "block"
	Fingerprint string    `json:"fingerprint,omitempty"` // equal for equal violations, in every container of the function
	Function    string    `json:"function"`
	Version     string    `json:"version,omitempty"`
	Alias       string    `json:"alias,omitempty"`
	Stage       string    `json:"stage,omitempty"`
	Region      string    `json:"region,omitempty"`
	Account     string    `json:"account,omitempty"`
	RequestID   string    `json:"request_id,omitempty"` // "" during init and outside any invocation
	TraceID     string    `json:"trace_id,omitempty"`
	ColdStart   bool      `json:"cold_start"`
	Call        Call      `json:"call"`
	List        string    `json:"list"` // "whitelist", "blacklist", "builtin", "unguarded", or "" when the policy itself is broken
	Rule        string    `json:"rule,omitempty"`
	Place       string    `json:"place,omitempty"`    // "policy.yaml:14"
	Policy      string    `json:"policy,omitempty"`   // SHA-256 of the policy file, in hex
	Policies    []string  `json:"policies,omitempty"` // SHA-256 of every file that judged, at most 8; nil: Policy alone
	Remote      Remote    `json:"remote,omitzero"`    // the part of it that came from a source; zero: none did
	Owner       string    `json:"owner,omitempty"`
	Reason      string    `json:"reason"`
	Allow       string    `json:"allow,omitempty"`   // the YAML that would allow the call, with ids folded
	Against     []Against `json:"against,omitempty"` // everything that forbids the call; nil if the fields above name all
	Caller      string    `json:"caller,omitempty"`  // "package.Func file.go:12"; "(none)" without code of the function on the stack
	Count       int       `json:"count"`             // 1, or how many equal violations this one sums up
	// Distinct is how many different calls a sum counts. They differ in ids alone; Call is the
	// first of them. It is exact up to 64; 65 stands for more.
	Distinct int       `json:"distinct,omitempty"`
	Since    time.Time `json:"since,omitzero"` // set on a sum: it counts the repeats after Since, up to Time
}

// Remote is the policy from a source that is in effect beside the packaged one, or in its place.
// The zero value stands for a function with its packaged policy alone.
type Remote struct {
	Version string `json:"version,omitempty"` // the source's: a version of AppConfig or SSM, an ETag of S3
	SHA256  string `json:"sha256,omitempty"`  // of the policy's text, in hex
	Key     string `json:"key,omitempty"`     // the id of the key that signed it; "": it is not signed, and alerts at most
	Signed  int    `json:"signed,omitempty"`  // the version that the signature binds
	Cap     string `json:"cap,omitempty"`     // why blocks are alerts, and until when; "": they are not
}

// KindMore is the kind of an alert that counts further calls, which are not sent one by one. Its
// Reason says how many there are.
const KindMore = "more"

// MoreCalls returns the Reason of an alert of KindMore. It is here because the guard and the sinks
// word it alike. kinds may be 0: repeats alone were counted.
func MoreCalls(calls, kinds, hosts int) string {
	text := "and " + number(calls) + " more call"
	if calls != 1 {
		text += "s"
	}
	if kinds > 0 {
		text += " of " + number(kinds) + " kind"
		if kinds != 1 {
			text += "s"
		}
	}
	switch {
	case hosts == 1:
		text += " to 1 host"
	case hosts > 100:
		text += " to more than 100 hosts"
	default:
		text += " to " + number(hosts) + " hosts"
	}
	return text + ": the log has their counts"
}

// Against is one thing that forbids a call. The first of an alert is what its own fields name.
type Against struct {
	List   string `json:"list"`
	Rule   string `json:"rule,omitempty"`  // as in Alert
	Place  string `json:"place,omitempty"` // "policy.yaml:14", or the file
	Owner  string `json:"owner,omitempty"`
	Reason string `json:"reason"`
}

// Call is the call that broke the policy. It has no query, body, header or credentials, and text
// that looks like a token is masked.
type Call struct {
	// Kind is "http", "aws", "net", "policy" (the policy itself is broken) or [KindMore].
	Kind      string   `json:"kind"`
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

// String describes the call in a few words: "POST https://evil.example/x",
// "sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:111122223333:orders".
func (c Call) String() string {
	switch {
	case c.Service != "" || c.Operation != "":
		s := c.Service + ":" + c.Operation
		if len(c.Resources) > 0 {
			s += " on " + c.Resources[0]
		}
		if len(c.Resources) > 1 {
			s += ", …"
		}
		if c.Presigned {
			s += " (presigned)"
		}
		return s
	case c.URL != "":
		return strings.TrimPrefix(c.Method+" "+c.URL, " ")
	case c.Net != "":
		return c.Net
	case c.Kind == KindMore:
		return "further calls"
	}
	return "any call"
}

// IsSum reports whether a counts repeats of a violation that was reported before.
func (a Alert) IsSum() bool { return !a.Since.IsZero() }

// Identity calls field with the pieces of the texts that make two violations the same, each text
// ended by "\x00": function, stage, account, region, verdict, rule, destination and calling
// package; of a call that cannot be read, also what is wrong with it. Ids in paths, keys and names
// of resources are folded: /customers/17 and /customers/18 are both /customers/*. Of resources in a
// row that fold into the same text, one counts. See CallerIdentity for the caller.
// Fingerprint is a hash of the result.
func (a *Alert) Identity(field func(piece string)) {
	for _, s := range [...]string{
		a.Function, a.Stage, a.Account, a.Region, a.Verdict, a.Rule, a.Call.Kind, a.Call.Method, a.Call.Service, a.Call.Operation,
		a.Call.Region, a.Call.Net, a.CallerIdentity(),
	} {
		field(s)
		field("\x00")
	}
	if fault := a.FaultIdentity(); fault != "" {
		field(fault)
		field("\x00")
	}
	// Piece by piece, so that a repeat does not build the folded text.
	foldids.URL(a.Call.URL, field)
	field("\x00")
	previous := uint64(0)
	for _, r := range a.Call.Resources {
		// Most calls have one resource, which needs no comparison.
		if len(a.Call.Resources) > 1 {
			sum := foldedSum(r)
			if sum == previous {
				continue
			}
			previous = sum
		}
		foldids.Resource(r, field)
		field("\x00")
	}
}

// CallerIdentity returns what Identity has of the caller: its package. A call that no layer saw
// whole is reported for each place in the code that makes it, so there it is the whole caller.
func (a *Alert) CallerIdentity() string {
	if a.List == "unguarded" {
		return a.Caller
	}
	return CallerPackage(a.Caller)
}

// FaultIdentity returns what Identity has of a call that cannot be read: what is wrong with it.
// Such a call may show no destination. It is "" for any other call. Two calls that cannot be read
// for different reasons are two attempts, and neither may hide the other.
func (a *Alert) FaultIdentity() string {
	if a.Rule != "malformed" {
		return ""
	}
	fault, _, _ := strings.Cut(a.Reason, ";") // what else forbids the call follows
	return fault
}

// foldedSum returns the FNV-1a hash of the folded form of a resource. It needs no memory, unlike
// the folded text. A collision would merge two resources of one call.
func foldedSum(r string) uint64 {
	sum := uint64(14695981039346656037)
	foldids.Resource(r, func(piece string) {
		for i := range len(piece) {
			sum = (sum ^ uint64(piece[i])) * 1099511628211
		}
	})
	return sum
}

// fingerprint returns the first 16 bytes of SHA-256, in hex. Unlike the queue's hash it has no
// seed, so that all containers agree.
func (a Alert) fingerprint() string {
	h := sha256.New()
	a.Identity(func(piece string) { h.Write([]byte(piece)) })
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// CallerPackage returns the package of an Alert's Caller: "example.com/app/pay" for
// "example.com/app/pay.(*C).Charge pay.go:12".
func CallerPackage(caller string) string {
	// The host in an import path has dots too, so the search begins behind the last slash.
	name, _, _ := strings.Cut(caller, " ")
	slash := strings.LastIndexByte(name, '/') + 1
	if dot := strings.IndexByte(name[slash:], '.'); dot >= 0 {
		return name[:slash+dot]
	}
	return name
}
