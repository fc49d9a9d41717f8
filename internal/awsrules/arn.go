package awsrules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/pattern"
)

// This file matches resources as rules name them.

// An arnPattern is a resource as a rule names it: an ARN glob, each of whose parts stands for
// itself as in IAM, or what follows an ARN's fifth colon.
type arnPattern struct {
	text                                string
	partition, service, region, account pattern.Glob // of a whole ARN only
	relative                            bool
	whole                               bool // an ARN glob with fewer than five colons, whose last * crosses the others
	exact                               bool // another name of the resource does not count
	suffixed                            bool // it ends in the six characters that end a secret's ARN
	resource                            pattern.Glob
}

// newARNPattern compiles one resource of a rule. Package pattern has checked the text.
func newARNPattern(text string) arnPattern {
	// "table/orders" stands for that table in the function's own account and region, unless the
	// rule says otherwise.
	if !strings.HasPrefix(text, "arn:") {
		return arnPattern{text: text, relative: true, suffixed: strings.HasSuffix(text, "-??????"), resource: pattern.NewGlob(text)}
	}
	parts := strings.SplitN(text, ":", 6)
	// "arn:aws:sqs:*": its last star stands for all parts that are missing.
	if len(parts) < 6 {
		return arnPattern{text: text, whole: true}
	}
	return arnPattern{text: text, suffixed: strings.HasSuffix(text, "-??????"), partition: pattern.NewGlob(parts[1]), service: pattern.NewGlob(parts[2]), region: pattern.NewGlob(parts[3]), account: pattern.NewGlob(parts[4]),
		resource: pattern.NewGlob(parts[5])}
}

// matchHead reports whether the pattern takes what a touch's ARN has before the fifth colon. own is
// where the function is.
func (p *arnPattern) matchHead(t *awscall.Touch, r *compiled, own *awscall.Where) bool {
	switch {
	// A blacklist must catch what may be meant: the unknown parts of the ARN may be anything.
	case p.whole && t.Vague && r.mode == pattern.Wide:
		return mayBe(p.text, t.ARN())
	case p.whole && t.Open && r.mode == pattern.Wide:
		return pattern.GlobBegins(p.text, t.ARN())
	// A whitelist must allow all that may be meant: an open resource needs a pattern that ends in a
	// star.
	case p.whole:
		return pattern.MatchGlob(p.text, t.ARN()) && (!t.Open || strings.HasSuffix(p.text, "*"))
	case !p.relative:
		return pattern.GlobMatches(&p.partition, t.Partition) && pattern.GlobMatches(&p.service, t.Service) &&
			(pattern.GlobMatches(&p.region, t.Region) || t.Region == awscall.AnyRegion && r.mode == pattern.Wide) &&
			// EC2's images and snapshots have no account in their ARNs.
			(pattern.GlobMatches(&p.account, t.Account) || t.Account == "" && t.Service == "ec2" && p.account.String() == own.Account)
	case r.mode == pattern.Wide:
		return true // what the rule leaves out is read wide
	}
	// In a whitelist, a relative resource is the function's own, as far as the ARN shows that.
	// accounts: and regions: widen this, and are checked by matchPlace.
	return (r.accounts != nil || (t.Account == "" || t.Account == own.Account) && (t.Owner == "" || t.Owner == own.Account)) && (t.Region == "" || t.Region == own.Region || r.regions != nil) &&
		t.Partition == own.Partition
}

// matchResource reports whether the pattern takes what follows the fifth colon of a touch's ARN.
func (p *arnPattern) matchResource(t *awscall.Touch, m pattern.Mode) bool {
	switch {
	// matchHead has compared the whole ARN.
	case p.whole:
		return true
	case t.Named && p.suffixed:
		return pattern.GlobMatches(&p.resource, t.Alias) // prod/db-?????? is the secret prod/db, not prod/db-backup
	// A blacklist catches a resource with unknown parts, if the rest fits.
	case t.Vague && m == pattern.Wide:
		return mayBe(p.resource.String(), string(t.Resource)) || t.Alias != nil && mayBe(p.resource.String(), string(t.Alias))
	case !t.Open:
		// A secret is prod/db or prod/db-AbCdEf; either name counts unless the rule is exact.
		return pattern.GlobMatches(&p.resource, t.Resource) || (t.Alias != nil && !p.exact && pattern.GlobMatches(&p.resource, t.Alias))
	case m == pattern.Wide:
		// Open means that more may follow: any object with the prefix.
		return pattern.GlobBegins(p.resource.String(), t.Resource)
	}
	// A whitelist needs a pattern that is open, too, or the whole of the other name.
	return pattern.GlobMatches(&p.resource, t.Resource) && p.resource.Open() || t.Alias != nil && pattern.GlobMatches(&p.resource, t.Alias)
}

// ofOwnAccount reports whether all accounts that a touch shows are the function's own, or named by
// the pattern of the resource. A whitelist rule without accounts: means those. The account whose
// key signs the call also counts as own, since the key is judged by itself. Where the own account
// is not known, every account counts.
func (r *compiled) ofOwnAccount(t *awscall.Touch, p *arnPattern, at, own *awscall.Where) bool {
	// matchHead has compared the accounts with a relative pattern.
	return own.Account == "" || p != nil && p.relative || isOwn(t.Account, p, at, own) && isOwn(t.Owner, p, at, own)
}

// isOwn reports whether an account counts as the function's own, or is named by the ARN of the
// rule. "" and "aws" are not accounts, and belong to nobody else.
func isOwn(account string, p *arnPattern, at, own *awscall.Where) bool {
	// In the order of what is usual.
	return account == "" || account == own.Account || account == at.Account || !awsname.IsAccount(account) || p != nil && p.names(account)
}

// names reports whether the pattern is an ARN that says which accounts it is for, and an account is
// one of them. The ARNs of some services have no account, and then name a resource of anybody's.
func (p *arnPattern) names(account string) bool {
	return p.whole || !p.relative && (p.account.String() == "" || pattern.GlobMatches(&p.account, account))
}

// matchPlace reports whether a rule's regions: and accounts: hold for a touch, whose resource a
// pattern of the rule takes; nil is a rule that names no resource.
func (r *compiled) matchPlace(t *awscall.Touch, p *arnPattern, at, own *awscall.Where) bool {
	if r.regions != nil {
		// An ARN without a region, such as that of a bucket, goes by where the call goes.
		region := t.Region
		if region == "" {
			region = at.Region
		}
		if !slices.Contains(r.regions, region) && !(region == awscall.AnyRegion && r.mode == pattern.Wide) {
			return false
		}
	}
	// A blacklist rule without accounts: is about every account.
	if r.accounts == nil {
		return !r.vouches() || r.ofOwnAccount(t, p, at, own)
	}
	switch {
	// Without an owner in the input, the ARN's account counts, or the caller's where it has none.
	case t.Owner == "":
		return r.lists(cmp.Or(t.Account, at.Account), own)
	case t.Account == "":
		return r.lists(t.Owner, own)
	// A blacklist catches either of the two; a whitelist must list both.
	case r.mode == pattern.Wide:
		return r.lists(t.Account, own) || r.lists(t.Owner, own)
	}
	return r.lists(t.Account, own) && r.lists(t.Owner, own) // an access point of one account to the bucket of another
}

// lists reports whether an account is one of a rule's accounts:.
func (r *compiled) lists(account string, own *awscall.Where) bool {
	return slices.Contains(r.accounts, account) || account == own.Account && slices.Contains(r.accounts, "self")
}
