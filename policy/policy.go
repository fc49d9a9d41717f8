package policy

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// Env is the function a policy is compiled for, and where it runs.
type Env struct {
	Function string // name of the Lambda function
	Stage    string // "": the file's stage: key decides
	Region   string
	Account  string              // 12 digits
	Getenv   func(string) string // for ${VAR}; nil: no variable is set. An empty value counts as unset
	// Process is the environment that the process was started with. It says where Lambda's own
	// endpoints and the proxies are, for code that runs later can write the environment. nil:
	// Getenv
	Process func(string) string
	Now     time.Time // for until:; zero: time.Now
	FS      fs.FS     // for feed: and next:; nil: feeds are refused, and next: has no effect
	// Modules returns the paths of the modules that the binary is linked with, to warn of callers:
	// that match none of them. It is called only for a policy with callers:. nil: not known.
	Modules func() []string
}

// process returns the environment that the process was started with, as well as it is known.
func (e *Env) process() func(string) string {
	if e.Process != nil {
		return e.Process
	}
	return e.Getenv
}

// A Policy is a policy file (or several, see Join) compiled for one function. It never changes, so
// any number of goroutines may use it. A nil Policy and the zero Policy block every call.
type Policy struct {
	set     settings
	rules   []rule.Rule // engines name them by their index
	refs    []RuleRef   // the same, as decisions show them
	http    *httprules.Rules
	aws     *awsrules.Rules
	builtin builtin
	next    *Policy   // of next:; nil: there is none
	joined  []*Policy // of Join: the policies that each judge a call whole; nil: this policy itself does
}

// settings is what a policy says besides its rules, for one function.
type settings struct {
	info      Info
	env       Env
	whitelist bool // some whitelist key applies: default deny
	callOnly  bool // block_fails: call
	targets   []Target
	warnings  []Warning
}

// newPolicy compiles rules. It is called once per policy and function.
func newPolicy(set settings, rules []rule.Rule) (*Policy, error) {
	p := &Policy{set: set, rules: rules, builtin: newBuiltin(set.env.process())}
	p.set.info.Rules, p.set.info.Exempt, p.set.info.DefaultDeny = len(rules), p.builtin.exempt(), set.whitelist
	// refs have the same indexes as rules. They are made once, so that decisions can point at them.
	p.refs = make([]RuleRef, 0, len(rules))
	for i := range rules {
		r := &rules[i]
		// A rule of neither list would be judged by no engine.
		if r.Mode != pattern.Narrow && r.Mode != pattern.Wide {
			return nil, fmt.Errorf("rule %s is in neither list", r.Origin.ID)
		}
		// The counts show which layers a policy needs.
		switch r.Kind {
		case rule.AWS:
			p.set.info.AWSRules++
		case rule.IP, rule.Net:
			p.set.info.NetRules++
		}
		p.refs = append(p.refs, RuleRef(r.Origin))
	}
	var err error
	// Each engine takes the rules of its kinds. An unknown kind is refused here.
	if p.http, err = httprules.Compile(rules); err != nil {
		return nil, err
	}
	p.aws = awsrules.Compile(awsrules.Config{
		Region: set.env.Region, Account: set.env.Account, Whitelist: set.whitelist,
	}, rules)
	return p, nil
}
