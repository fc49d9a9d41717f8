package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
)

// This file checks the codes of regions and the ids of accounts.

// regions are the codes of AWS's regions.
const regions = `af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ` +
	`ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ` +
	`ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-isoe-west-1 eu-north-1 ` +
	`eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1 il-central-1 me-central-1 me-south-1 ` +
	`mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 ` +
	`us-isob-east-1 us-isob-west-1 us-isof-east-1 us-isof-south-1 us-west-1 us-west-2`

// Regions returns the codes of AWS's regions, in alphabetical order.
func Regions() []string { return strings.Fields(regions) }

// codeFix is the fix where no region is near.
const codeFix = `write the region's code, such as "eu-west-1"`

// directions are the words before the number of a region.
var directions = []string{
	"central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west",
}

// WrongRegion says why a text is not the code of a region. certain: AWS will never have one of that
// form. p is nil for a region, and for what emulators take for one.
func WrongRegion(text string) (p *report.Problem, certain bool) {
	name := awsname.Region(text)
	all := strings.Fields(regions)
	// Emulators take local and localhost, and aws-global is the SDK's pseudo-region.
	if slices.Contains(all, name) || name == "local" || name == "localhost" || name == "aws-global" {
		return nil, false
	}
	certain = !newRegion(name)
	p = report.Of(text, " is not a region", codeFix)
	// The fix depends on what the text looks like: all, a glob, a list, or a slip.
	near := nearestRegion(text, all)
	switch {
	case isEvery(text):
		p.Fix = "leave regions: out for every region"
	case strings.ContainsAny(text, "*?"):
		if fit := fitting(text, all); len(fit) > 0 {
			p.Fix = writeList(fit)
		}
	case strings.ContainsAny(text, ",; "):
		parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; ", r) })
		if !slices.ContainsFunc(parts, func(s string) bool { return !slices.Contains(all, s) }) {
			p.Fix = writeList(parts)
		}
	// It has the form of a region, and AWS adds some each year.
	case !certain:
		p.What += " that is known here"
		p.Fix = "if it is newer than this version, leave it"
		if near != "" {
			p.Fix += "; did you mean " + report.Quoted(near) + "?"
		}
	}
	if certain && near != "" && p.Fix == codeFix && !isEvery(text) {
		p.Fix = "did you mean " + report.Quoted(near) + "?"
	}
	return p, certain
}

// isEvery reports whether a text means every region or account.
func isEvery(text string) bool {
	switch strings.ToLower(text) {
	case "*", "**", "any", "all", "global":
		return true
	}
	return false
}

// newRegion reports whether AWS may have a region of this name one day.
func newRegion(name string) bool {
	parts := strings.Split(name, "-")
	n := len(parts)
	// A region has three or four parts, and its number has one digit: us-gov-east-1.
	if n < 3 || n > 4 || !awsname.LooksLikeRegion(name) || len(parts[n-1]) != 1 || parts[n-1] == "0" {
		return false
	}
	return slices.Contains(directions, parts[n-2])
}

// nearestRegion returns the region that was meant by a text; "" for none.
func nearestRegion(text string, all []string) string {
	// As people write them: "eu_west_1", "EU West 1".
	s := strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(strings.TrimSpace(text)))
	if slices.Contains(all, s) {
		return s
	}
	if n := len(s); n > 1 && s[n-1] >= 'a' && s[n-1] <= 'z' && slices.Contains(all, s[:n-1]) {
		return s[:n-1] // an availability zone
	}
	// The names of regions in the console: a place instead of a code.
	for _, place := range [...][2]string{
		{"virginia", "us-east-1"}, {"ohio", "us-east-2"}, {"oregon", "us-west-2"}, {"ireland", "eu-west-1"}, {"london", "eu-west-2"},
		{"paris", "eu-west-3"}, {"frankfurt", "eu-central-1"}, {"zurich", "eu-central-2"}, {"stockholm", "eu-north-1"}, {"milan", "eu-south-1"},
		{"tokyo", "ap-northeast-1"}, {"seoul", "ap-northeast-2"}, {"singapore", "ap-southeast-1"}, {"sydney", "ap-southeast-2"}, {"mumbai", "ap-south-1"},
	} {
		if strings.Contains(s, place[0]) {
			return place[1]
		}
	}
	return report.Nearest(s, all)
}

// fitting returns the regions that a glob takes, if they are few.
func fitting(glob string, all []string) (fit []string) {
	for _, r := range all {
		if MatchGlob(glob, r) {
			fit = append(fit, r)
		}
	}
	// A long list is not worth proposing.
	if len(fit) > maxAlternatives {
		return nil
	}
	return fit
}

// WrongAccount says why a text of accounts: is not an account; nil for one.
func WrongAccount(text string) *report.Problem {
	if text == "self" || awsname.IsAccount(text) {
		return nil
	}
	p := report.Of(text, " is not an account", "write its 12 digits, or self")
	// 1111-2222-3333 is how the console shows an account.
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-. _'", r) {
			return -1
		}
		return r
	}, text)
	parts := strings.SplitN(text, ":", 6)
	// In turn: any account, its digits apart, an ARN, several accounts.
	switch {
	case isEvery(text):
		p.Fix = "write the ids of the accounts; in a blacklist, leave accounts: out for every account"
	case awsname.IsAccount(digits):
		p.Fix = "write " + quoteText(digits)
	case len(parts) > 4 && parts[0] == "arn" && awsname.IsAccount(parts[4]):
		p.Fix = "write " + quoteText(parts[4])
	case strings.ContainsAny(text, ",; "):
		ids := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; ", r) })
		if !slices.ContainsFunc(ids, func(s string) bool { return s != "self" && !awsname.IsAccount(s) }) {
			p.Fix = writeList(ids)
		}
	}
	return p
}
