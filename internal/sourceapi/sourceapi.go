// Package sourceapi is what guard and package source know of each other. A program that does not
// use package source links nothing else of it.
package sourceapi

import (
	"io/fs"
	"slices"
	"time"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// Open makes a source from a URL. Package source sets it when it is initialized; nil: the program
// does not link it. getenv is the environment that the process was started with.
var Open func(url string, getenv func(string) string) (Source, error)

// A Source is guard.Source.
type Source interface {
	Follow(Host) Follower
}

// A Host is a guard whose policy a Follower keeps up to date. Its methods may be called
// concurrently.
type Host interface {
	// Facts returns what does not change.
	Facts() Facts
	// Compile compiles a policy as the packaged ones are: as one of the function's own, or as a
	// central file. An unsigned one learns nothing of the environment. beside is the folder of the
	// policy, which has its next policy alone; nil if there is none.
	Compile(name string, data []byte, beside fs.FS, by Level) (*policy.Policy, error)
	// Current returns the standing in effect.
	Current() *Standing
	// Put puts a standing into effect, for every call from now on.
	Put(*Standing)
	// Renew makes the targets of a standing those of the guard's alerts.
	Renew(*Standing)
	// Alert raises an alert about the policy itself.
	Alert(rule, place, hash, reason string)
	// Log writes a line, with the metric of the policy's age.
	Log(Line)
}

// A Level says who is behind a document.
type Level int

// Levels. A higher one may do more.
const (
	Unsigned  Level = iota // anybody who can write to the source
	ByOwn                  // a key of Options.Keys
	ByCentral              // a key in /opt/outguard
)

// Facts are what a guard knows from its start on.
type Facts struct {
	Function     string           // for which signatures are meant
	Lambda       string           // likewise of central keys: the name with which Lambda started the process
	Own, Central []*policy.Policy // that came with the function, and with layers
	Concurrent   bool             // several invocations may run at once
	Keys         []string         // texts of public keys, of Options
	Layers       string           // the folder with *.pub files; "": none
	AtStart      bool             // Options.SourceAtStart
}

// Packaged returns the policy that came with the function.
func (f *Facts) Packaged() *policy.Policy {
	return policy.Join(append(slices.Clone(f.Own), f.Central...)...)
}

// A Follower keeps a guard's policy up to date. Its methods may be called concurrently, and none of
// them waits for the source.
type Follower interface {
	// Begin runs before an invocation. What is newer takes effect, unless an invocation runs.
	Begin()
	// End runs after it.
	End()
	// Ask asks the source in the background, if it is time.
	Ask()
	// About describes the source, for the start line and to compare followers.
	About() About
}

// About describes a source.
type About struct {
	Name     string
	Keys     []string // ids of the keys that count
	Signed   bool     // signatures are required
	Warnings []string
}

// A Standing is what calls are judged by from one change of policy to the next. It never changes: a
// new policy is another standing.
type Standing struct {
	Policy *policy.Policy  // nil if there is none to judge by
	Hashes []string        // SHA-256 of all files, if there are several
	Remote notify.Remote   // what alerts say of the policy from a source; zero: there is none
	Capped string          // why blocks are alerts; "": they are not
	Until  time.Time       // when another standing has to take its place; zero: not by itself
	Notify []policy.Target // where alerts go
}

// A Line is about the policy from a source.
type Line struct {
	Event   string // "applied", "capped", "confirmed", "failed" or "refused"
	Source  string
	Refused string // SHA-256 of the text that was refused
	Reason  string
	Age     time.Duration // since the source has confirmed what is in effect
}
