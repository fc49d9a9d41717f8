package policy

// A Verdict is what happens to a call. The zero Verdict blocks.
type Verdict uint8

// The order counts: the lower, the stricter, so that min is the stricter of two.
const (
	Block Verdict = iota // the call is refused and the invocation fails
	Alert                // the call goes out and an alert is sent
	Log                  // the call goes out and a log line is written
	Allow                // the call keeps to the policy
)

// String returns the verdict as on_violation: has it, and "allow".
func (v Verdict) String() string {
	switch v {
	case Alert:
		return "alert"
	case Log:
		return "log"
	case Allow:
		return "allow"
	}
	return "block"
}

// A List is what decided a call: one of the two lists, a rule that is built in, or nothing (no
// whitelist, and no blacklist rule matched).
type List uint8

// NoList is for a call that nothing is about.
const (
	NoList List = iota
	Whitelist
	Blacklist
	Builtin
	Unguarded // a layer that sees host and port alone cannot decide, and no richer layer has judged the call
)

// String returns the word of alerts; "" for NoList.
func (l List) String() string {
	switch l {
	case Whitelist:
		return "whitelist"
	case Blacklist:
		return "blacklist"
	case Builtin:
		return "builtin"
	case Unguarded:
		return "unguarded"
	}
	return ""
}

// A Decision is a verdict with what led to it. The zero Decision blocks.
type Decision struct {
	Verdict Verdict
	List    List     // what decided
	Rule    *RuleRef // the rule that decided, or for a whitelist miss the nearest rule; nil: none. Shared, read only
	Policy  *Info    // the policy that decided, with file, hash and owner. Shared, read only
	Reason  string   // why, for people; "" for an allowed call
	// Allow is the YAML that would allow the call, added to the whitelist of Policy.File: one or
	// more entries. "" if nothing does that and allows no other call. Policy.Cure has judged it
	// again.
	Allow string
	// Against is everything that forbids the call, in every policy file, what decided first.
	// Policy.Cure fills it.
	Against []Reason
	Call    *Description // what the call was read to be; nil for an allowed call
	Access  string       // AWS: the operation's access level
	Guessed bool         // AWS: Access was guessed from the operation's verb
	// CallOnly reports that a block is limited to the call: the invocation does not fail
	// (block_fails: call).
	CallOnly bool
	// AtOnce reports that a block ends the invocation's context (block_fails: at_once).
	AtOnce bool

	several bool      // more than one thing that was weighed forbids the call
	brief   bool      // Reason and Allow are left out; see DecideBriefly
	bare    bool      // with brief: the reason of a blacklist rule and Call are left out, too
	all     *findings // to collect everything that is weighed; nil: the strictest alone counts
}

// A Reason is one thing that forbids a call.
type Reason struct {
	Verdict Verdict // what follows
	List    List
	Rule    *RuleRef // as in Decision
	Policy  *Info    // the policy file
	Reason  string
	allow   string // what would undo it
}

// Allowed reports whether the call keeps to the policy.
func (d Decision) Allowed() bool { return d.Verdict == Allow }

// A RuleRef names a rule and where it stands.
type RuleRef struct {
	ID     string // the rule's id, else "policy.yaml:14"; a built-in rule's name
	File   string // "policy.yaml"; "" for built-in rules
	Line   int    // from 1; 0 for built-in rules
	Column int
	Reason string // the rule's reason, as written
}

// Info says what a policy is: what an auditor asks for.
type Info struct {
	File        string // name of the file
	SHA256      string // of the file's bytes, in hex
	Owner       string // who keeps the file, when it says so
	Function    string
	Stage       string
	OnViolation Verdict // the default; blacklist rules may have their own
	AtOnce      bool    // a block ends the invocation's context (block_fails: at_once)
	OnUnguarded Verdict // of a call that may be allowed, when no layer saw enough to decide
	DefaultDeny bool    // a whitelist applies: what no rule of it allows breaks the policy
	Rules       int     // how many rules apply to this function
	AWSRules    int     // and how many of them are aws: rules
	NetRules    int     // and how many are ip: or net: rules, which need layers that see addresses
	// Exempt lists what passes unjudged, because the environment of the process start names it: the
	// X-Ray daemon, the credentials endpoint, proxies.
	Exempt []string
	// Next is the policy that next: names; nil without one, and if it cannot be judged, which is a
	// warning.
	Next *Info
}
