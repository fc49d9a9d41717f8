package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
)

// An arnPattern is a resource as a rule names it: an ARN glob, each of whose parts stands for itself as in IAM, or what
// follows an ARN's fifth colon.
type arnPattern struct {
	text                                string
	partition, service, region, account cutGlob // of a whole ARN only
	relative                            bool
	whole                               bool // an ARN glob with fewer than five colons, whose last * crosses the others
	exact                               bool // another name of the resource does not count
	suffixed                            bool // it ends in the six characters that end a secret's ARN
	resource                            cutGlob
}

func newARNPattern(text string) arnPattern {
	if !strings.HasPrefix(text, "arn:") {
		return arnPattern{text: text, relative: true, suffixed: strings.HasSuffix(text, "-??????"), resource: newGlob(text)}
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 {
		return arnPattern{text: text, whole: true}
	}
	return arnPattern{text: text, suffixed: strings.HasSuffix(text, "-??????"), partition: newGlob(parts[1]), service: newGlob(parts[2]), region: newGlob(parts[3]), account: newGlob(parts[4]),
		resource: newGlob(parts[5])}
}

// matchHead reports whether the pattern takes what a touch's ARN has before the fifth colon. own is where the function is.
func (p *arnPattern) matchHead(t *awscall.Touch, r *awsRule, own *awscall.Where) bool {
	switch {
	case p.whole && t.Open && r.mode == wide:
		return globBegins(p.text, t.ARN())
	case p.whole:
		return glob(p.text, t.ARN()) && (!t.Open || strings.HasSuffix(p.text, "*"))
	case !p.relative:
		return globMatches(&p.partition, t.Partition) && globMatches(&p.service, t.Service) && globMatches(&p.region, t.Region) &&
			globMatches(&p.account, t.Account)
	case r.mode == wide:
		return true // what the rule leaves out is read wide
	}
	return (r.accounts != nil || (t.Account == "" || t.Account == own.Account) && (t.Owner == "" || t.Owner == own.Account)) && (t.Region == "" || t.Region == own.Region || r.regions != nil) &&
		t.Partition == own.Partition
}

// matchResource reports whether the pattern takes what follows the fifth colon of a touch's ARN.
func (p *arnPattern) matchResource(t *awscall.Touch, m mode) bool {
	switch {
	case p.whole:
		return true
	case t.Named && p.suffixed:
		return globMatches(&p.resource, t.Alias) // prod/db-?????? is the secret prod/db, not prod/db-backup
	case !t.Open:
		return globMatches(&p.resource, t.Resource) || (t.Alias != nil && !p.exact && globMatches(&p.resource, t.Alias))
	case m == wide:
		return globBegins(p.resource.String(), t.Resource)
	}
	return globMatches(&p.resource, t.Resource) && p.resource.open()
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
	switch {
	case t.Owner == "":
		return r.lists(cmp.Or(t.Account, at.Account), own)
	case t.Account == "":
		return r.lists(t.Owner, own)
	case r.mode == wide:
		return r.lists(t.Account, own) || r.lists(t.Owner, own)
	}
	return r.lists(t.Account, own) && r.lists(t.Owner, own) // an access point of one account to the bucket of another
}

// lists reports whether an account is one of a rule's accounts:.
func (r *awsRule) lists(account string, own *awscall.Where) bool {
	return slices.Contains(r.accounts, account) || account == own.Account && slices.Contains(r.accounts, "self")
}
