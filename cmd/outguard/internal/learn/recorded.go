package learn

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/mask"
	"github.com/outguard/outguard/policy"
)

// A Recorded is a call of a log, for whoever judges it again. Calls that differ in ids alone are
// one.
type Recorded struct {
	Function, Stage, Region, Account string

	Shown  string      // the call as the log has it
	Text   string      // as outguard check takes it, with an id in place of each masked piece
	Call   policy.Call // the same
	Cannot string      // why Call cannot be judged; "" if it can
	// Unknown is the call with its pieces that are masked or cut unknown; nil if it has none.
	Unknown *policy.Unknown

	Calls   int
	AtLeast bool // there may be more calls than the log counts
	Last    time.Time
}

// Recorded returns the distinct calls of the log, in the order of functions, stages and calls.
func (l *Log) Recorded() []Recorded {
	all := make([]Recorded, 0, len(l.calls))
	for _, key := range slices.Sorted(maps.Keys(l.calls)) {
		all = append(all, l.calls[key].recorded())
	}
	return all
}

// RecordedLine reads a line of any schema that holds one call: those of violations, of allowed
// calls, and of calls that another policy would judge otherwise.
func RecordedLine(text []byte) (Recorded, error) {
	var a callLine
	if err := json.Unmarshal(text, &a); err != nil {
		return Recorded{}, errors.New("the line is not whole")
	}
	switch a.Call.Kind {
	case "http", "aws", "net":
		// The same steps as Log.add takes, for one line.
		c := newCall(&a.Alert)
		c.sample(&a.Alert)
		c.count(&a.Alert)
		return c.recorded(), nil
	}
	return Recorded{}, errors.New("the line holds no call")
}

// recorded judges nothing; it only prepares what policies are asked.
func (c *call) recorded() Recorded {
	r := Recorded{
		Function: c.function, Stage: c.stage, Region: c.region, Account: c.account,
		Shown: c.checkText(), Text: c.caseText(), Calls: c.calls, AtLeast: c.atLeast, Last: c.last,
	}
	r.Call, r.Cannot = c.call()
	r.Unknown = c.unknown()
	return r
}

// cutMark ends a text that a line does not hold whole. Alone, it stands for further resources.
const cutMark = "…"

// unknown returns the call with a hole for each piece that is masked or cut. It returns nil if
// there is none, and for a call that cannot be judged all the same.
func (c *call) unknown() *policy.Unknown {
	// Hole stands for an unknown piece, Rest for everything from there on.
	holes := strings.NewReplacer(mask.Masked, policy.Hole, cutMark, policy.Rest)
	if c.Kind == "aws" && !(c.wireOnly && c.URL != "") {
		u := &policy.Unknown{AWS: policy.AWSCall{Service: c.Service, Operation: c.Operation, Region: c.Call.Region, Presigned: c.Presigned}}
		found := false
		for _, r := range c.Resources {
			// Further resources are unknown in number, so that no set of holes stands for them.
			if r == cutMark {
				return nil
			}
			text := holes.Replace(r)
			found = found || text != r
			u.AWS.Resources = append(u.AWS.Resources, text)
		}
		// Without a hole, the call itself is judged.
		if found {
			return u
		}
		return nil
	}
	text := holes.Replace(c.URL)
	scheme, rest, _ := strings.Cut(text, "://")
	host, _, _ := strings.Cut(rest, "/")
	// A hole in the host could be any host, so that no rule would be certain.
	if text == c.URL || c.Kind == "net" || strings.ContainsAny(scheme+host, policy.Hole+policy.Rest) {
		return nil
	}
	return &policy.Unknown{Method: c.Method, URL: text}
}
