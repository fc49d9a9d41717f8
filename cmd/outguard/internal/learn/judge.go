package learn

import (
	"fmt"
	"strconv"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/policy"
)

// denyAll is the policy that calls are judged by to find the entry that would allow each, and
// whether anything beside the whitelist forbids it: built-in rules, and addresses that serve
// metadata and credentials.
// denyAll forbids every call, so that each decision has an entry that would allow it.
const denyAll = `version: 1
on_violation: block
whitelist: []
blacklist:
  - id: metadata
    ip: [link-local, "fd00:ec2::/32"]
    reason: addresses that serve metadata and credentials are never learned
`

// A Judge compiles the policy that calls are judged by beside the one that is learned, such as the
// one that is enforced now. It returns nil if there is none for the function.
type Judge func(function, stage, region, account string) (*policy.Policy, error)

// Getenv is the environment that policies are compiled in: the address that Lambda's Runtime API
// usually has, and nothing else.
func Getenv(name string) string {
	if name == "AWS_LAMBDA_RUNTIME_API" {
		return "127.0.0.1:9001"
	}
	return ""
}

// env is the environment of a policy at the place. Variables of the function itself are not in a
// log.
func (p place) env() policy.Env {
	return policy.Env{Function: p.function, Stage: p.stage, Region: p.region, Account: p.account, Getenv: Getenv}
}

// A compiled is the same policy for several places.
type compiled struct {
	judge Judge
	by    map[place]*policy.Policy
}

// at compiles the policy once for each place: region and account are variables in it.
func (c *compiled) at(p place) (*policy.Policy, error) {
	if c.by[p] == nil {
		one, err := c.judge(p.function, p.stage, p.region, p.account)
		if err != nil {
			return nil, err
		}
		if c.by == nil {
			c.by = map[place]*policy.Policy{}
		}
		c.by[p] = one
	}
	return c.by[p], nil
}

// judgeOf returns a Judge by a policy's text.
func judgeOf(text string) Judge {
	// The file is parsed once, and its error is returned by every call of the Judge.
	file, err := policy.ParseFile("policy.yaml", []byte(text))
	return func(function, stage, region, account string) (*policy.Policy, error) {
		if err != nil {
			return nil, err
		}
		return file.For(place{function, stage, region, account}.env())
	}
}

// entries returns the entries of a whitelist that allow a call, with its ids folded. refused says
// why it must not be learned.
func (c *call) entries(deny *compiled) (all []entry, refused string, err error) {
	// A line may report what forbade the call even if denyAll does not, such as a blacklist.
	if c.forbidden != "" {
		return nil, c.forbidden, nil
	}
	asked, cannot := c.call()
	if cannot != "" {
		return nil, cannot, nil
	}
	p, err := deny.at(c.place)
	if err != nil {
		return nil, "", err
	}
	// Cure finds all that forbids a call, and the entry that would cure it, Allow.
	d := p.Cure(asked, p.Decide(asked))
	for _, r := range d.Against {
		// denyAll's own whitelist is empty, and must be the only reason.
		if r.List != policy.Whitelist {
			return nil, reasonOf(r), nil
		}
	}
	text := d.Allow
	// A service that is too new for the tables has a rule by name only, with unlisted: true.
	if text == "" && c.Kind == "aws" && asked.HTTP == nil {
		text = fmt.Sprintf("- aws: %s\n  unlisted: true", strconv.Quote(c.Service+":"+c.Operation)) // the tables do not know the service
	}
	if text == "" {
		return nil, "no entry allows this call and no other: " + d.Reason, nil
	}
	// The folded form is tried first. If it does not load, for example because the glob would be
	// too wide, the exact one is taken.
	for _, form := range [...]string{foldids.Entry(text), text} {
		if all, err = parseEntries(form); err != nil {
			return nil, "", fmt.Errorf("%s: %w", c, err)
		}
		if _, err = policy.ParseFile("policy.yaml", []byte("version: 1\nwhitelist:\n"+form+"\n")); err == nil {
			return all, "", nil
		}
	}
	return nil, "no entry that loads allows this call: " + err.Error(), nil
}

// reasonOf writes a reason of Cure as forbidden writes that of a line, without places in denyAll.
func reasonOf(r policy.Reason) string {
	// A reason without a rule is a built-in one or that of the policy as a whole.
	if r.Rule == nil {
		return forbidden(r.List.String(), "", r.Policy.File, r.Reason)
	}
	place := ""
	if r.Rule.File != "" && r.Rule.ID != "metadata" {
		place = fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line)
	}
	return forbidden(r.List.String(), r.Rule.ID, place, r.Reason)
}
