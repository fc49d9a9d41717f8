package policy

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
)

// An arnPattern is a resource as a rule names it: an ARN glob, each of whose parts stands for itself as in IAM, or what
// follows an ARN's fifth colon.
type arnPattern struct {
	text                                string
	partition, service, region, account string // globs; of a whole ARN only
	relative                            bool
	whole                               bool   // an ARN glob with fewer than five colons, whose last * crosses the others
	exact                               bool   // another name of the resource does not count
	resource                            string // glob
}

func newARNPattern(text string) arnPattern {
	if !strings.HasPrefix(text, "arn:") {
		return arnPattern{text: text, relative: true, resource: text}
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 {
		return arnPattern{text: text, whole: true}
	}
	return arnPattern{text: text, partition: parts[1], service: parts[2], region: parts[3], account: parts[4], resource: parts[5]}
}

// literal returns what the pattern's resource begins with, and whether that is all of it.
func (p *arnPattern) literal() (prefix string, all bool) {
	if p.whole {
		return "", false
	}
	if i := strings.IndexAny(p.resource, "*?"); i >= 0 {
		return p.resource[:i], false
	}
	return p.resource, true
}

// matchHead reports whether the pattern takes what a touch's ARN has before the fifth colon. own is where the function is.
func (p *arnPattern) matchHead(t *awscall.Touch, r *awsRule, own *awscall.Where) bool {
	switch {
	case p.whole:
		return glob(p.text, t.ARN())
	case !p.relative:
		return glob(p.partition, t.Partition) && glob(p.service, t.Service) && glob(p.region, t.Region) && glob(p.account, t.Account)
	case r.list == Blacklist:
		return true // what the rule leaves out is read wide
	}
	return (t.Account == "" || t.Account == own.Account || r.accounts != nil) && (t.Region == "" || t.Region == own.Region || r.regions != nil) &&
		t.Partition == own.Partition
}

// matchResource reports whether the pattern takes what follows the fifth colon of a touch's ARN.
func (p *arnPattern) matchResource(t *awscall.Touch, list List) bool {
	switch {
	case p.whole:
		return true
	case !t.Open:
		return glob(p.resource, t.Resource) || (t.Alias != nil && !p.exact && glob(p.resource, t.Alias))
	case list == Blacklist:
		lit, _ := p.literal()
		return glob(p.resource, t.Resource) || strings.HasPrefix(lit, string(t.Resource))
	}
	return glob(p.resource, t.Resource) && strings.HasSuffix(p.resource, "*")
}

// matchPlace reports whether a rule's regions: and accounts: hold for a touch.
func (r *awsRule) matchPlace(t *awscall.Touch, at, own *awscall.Where) bool {
	if r.regions != nil {
		region := t.Region
		if region == "" {
			region = at.Region
		}
		if !slices.Contains(r.regions, region) {
			return false
		}
	}
	if r.accounts == nil {
		return true
	}
	account := t.Account
	if account == "" {
		account = at.Account
	}
	return slices.Contains(r.accounts, account) || (slices.Contains(r.accounts, "self") && account == own.Account)
}

// glob reports whether text is what pattern says: * is any number of bytes, ? is one.
func glob[T string | []byte](pattern string, text T) bool {
	star, mark := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
