package pattern

import (
	"slices"
	"strings"
)

// This file finds the end of a host below which anybody can register names.

// secondLevel lists the second-level domains below which names are registered, by country. The
// words of the first line count for every country. The public suffix list has all of them, at the
// price of half a megabyte in each function; a test in internal/e2e compares.
const secondLevel = `
*: ac co com edu gov net org mil
at: gv or
au: asn id
br: adv art blog eco eng ind inf jus leg med mp psc wiki
ca: gc
cn: gd bj sh
fr: asso gouv nom prd tm
hu: info shop
id: biz desa go my or sch web
il: idf k12 muni
in: firm gen ind nic res
it: edu gov
jp: ad ed go gr lg ne or
ke: go info me mobi ne or sc
kr: go hs kg ms ne or pe re sc
mx: gob
my: name
nz: cri geek gen govt health iwi kiwi maori parliament school
pe: gob nom
pl: biz info shop waw
pt: int nome publ
ro: info nom
rs: in
ru: msk spb
sg: per
th: go in mi or
tr: av bbs bel biz dr gen info k12 kep name pol tel tv web
tw: club ebiz game idv
tz: go hotel info me mobi ne or sc tv
ua: in kiev kyiv lviv odesa
uk: ltd me nhs plc police sch
us: ca dni fed isa k12 kids ny nsn tx
uy: gub
za: agric alt grondar law nis nom school tm web
zw: 
`

// everybodys returns the shortest end of a host below which anybody can have a name: "com" of
// "api.example.com", "co.uk" of "example.co.uk", "github.io" of "me.github.io". A host that is
// such an end itself is returned whole. Labels with a wildcard never belong to it.
func everybodys(host string) string {
	// A wildcard at the end leaves everything open, and is refused elsewhere.
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.Contains(last, "*") {
		return ""
	}
	// From the whole host on, label by label: the longest shared domain is found first.
	end := last
	for rest := host; rest != ""; {
		if !strings.Contains(rest, "*") && sharedDomain(rest) {
			return rest
		}
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		rest = after
	}
	return end
}

// openLabel returns the label of a host pattern that leaves open whose domain it is, because it
// holds a wildcard beside other characters and anybody can register names that fit it: "*github"
// of "*github.com", "acme*" of "acme*.github.io". rest is what follows it. label is "" if there
// is none.
func openLabel(host string) (label, rest string) {
	// Without a star, the host is one name.
	if !strings.Contains(host, "*") {
		return "", ""
	}
	end := everybodys(host)
	// The label in front of the end is the one that is registered.
	before, ok := strings.CutSuffix(host, "."+end)
	if !ok || end == "" {
		return "", ""
	}
	label = before[strings.LastIndexByte(before, '.')+1:]
	if strings.HasPrefix(end, "s3.") || strings.HasPrefix(end, "s3-") {
		label = before // the name of a bucket may hold dots
	}
	// "*" and "*.*" leave labels open below a domain, which is what they are for.
	if strings.Trim(label, "*.") == "" {
		return "", ""
	}
	if label == "*" || !strings.Contains(label, "*") {
		return "", ""
	}
	return label, end
}

// secondLevelDomain reports whether names are registered below a domain of two labels. The second
// label is a country.
func secondLevelDomain(first, country string) bool {
	// Only countries have two letters. The general words hold for each of them.
	if len(country) != 2 {
		return false
	}
	general, _ := words(secondLevel, "*")
	own, _ := words(secondLevel, country)
	return slices.Contains(general, first) || slices.Contains(own, first)
}
