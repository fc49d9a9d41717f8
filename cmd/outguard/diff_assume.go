package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/policy"
)

// This file says where diff takes functions to run, and when it could not judge.

// A where is a region and an account that functions are taken to run in.
type where struct{ region, account string }

// maxWheres is in how many regions and accounts a function is compared at most.
const maxWheres = 16

// These find words in the text of a file. Too many finds only cost time.
var (
	regionText  = regexp.MustCompile(`[a-z0-9*-]*-[a-z0-9*-]*`)
	accountText = regexp.MustCompile(`\b[0-9]{12}\b`)
	untilText   = regexp.MustCompile(`until["']?:[^#\n]*\$\{`)
	stageOf     = regexp.MustCompile(`["']?[0-9]{12}["']?\s*:\s`) // a line or an entry of stage:
)

// assume finds where functions are taken to run. One that is not given is one that neither file
// names, which stands for all such, and each that a file names. Both files are compared there.
func (d *differ) assume(texts [2][]byte) {
	// An end that depends on a variable is not among those that are looked at.
	if untilText.Match(texts[0]) || untilText.Match(texts[1]) {
		d.exact = false
	}
	// A region or an account that is given is the only one.
	regions, accounts := []string{d.at.region}, []string{d.at.account}
	var assumed, flags []string
	if d.at.region == "" {
		// A region that no file names stands for all others.
		named := regionsIn(texts)
		regions = append([]string{notNamed(named, append([]string{"us-east-1"}, pattern.Regions()...))}, named...)
		assumed, flags = append(assumed, "region "+regions[0]), append(flags, "-region")
	}
	if d.at.account == "" {
		named := accountsIn(texts)
		accounts = append([]string{notNamed(named, []string{"111122223333", "444455556666", "123456789012", "999999999999"})}, named...)
		assumed, flags = append(assumed, "account "+accounts[0]), append(flags, "-account")
	}
	// Recorded calls that do not name theirs are judged there, too.
	d.at.region, d.at.account = regions[0], accounts[0]
	for _, region := range regions {
		for _, account := range accounts {
			d.wheres = append(d.wheres, where{region, account})
		}
	}
	if len(assumed) == 0 {
		return
	}
	d.assumed = strings.Join(assumed, " and ") + " for all that neither file names"
	// Beyond the bound, the result is a lower one.
	if len(d.wheres) > maxWheres {
		d.wheres, d.exact = d.wheres[:maxWheres], false
	}
	if len(d.wheres) > 1 {
		d.assumed += ", and those that one of them names"
	}
	d.assumed += "; give " + strings.Join(flags, " and ") + " to compare for one alone"
}

// regionsIn returns the regions that files name, and one for each pattern of regions.
func regionsIn(texts [2][]byte) (regions []string) {
	for _, text := range texts {
		for _, word := range regionText.FindAllString(string(text), -1) {
			switch {
			case awsname.LooksLikeRegion(word):
				regions = append(regions, word)
			case strings.Contains(word, "*"):
				// A pattern such as eu-* is represented by one region that fits it.
				fits := func(region string) bool { ok, _ := path.Match(word, region); return ok }
				if i := slices.IndexFunc(pattern.Regions(), fits); i >= 0 {
					regions = append(regions, pattern.Regions()[i])
				}
			}
		}
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}

// accountsIn returns the accounts that files name, except where they only say which stage an
// account is.
func accountsIn(texts [2][]byte) (accounts []string) {
	for _, text := range texts {
		accounts = append(accounts, accountText.FindAllString(stageOf.ReplaceAllString(string(text), ""), -1)...)
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
}

// notNamed returns the first choice that no file names; the last one if each is named.
func notNamed(named, choices []string) string {
	for _, c := range choices {
		if !slices.Contains(named, c) {
			return c
		}
	}
	return choices[len(choices)-1]
}

// refusesPlace reports whether a policy does not load for a function or a stage because it is not
// for them. It then loads nowhere for them.
func refusesPlace(err error) bool {
	var all policy.Errors
	return errors.As(err, &all) && !slices.ContainsFunc(all, func(e *policy.Error) bool {
		rule := ruleOf(&fault{Problem: e.Problem, Severity: "error"})
		return rule != "stage" && rule != "function"
	})
}

// cannot keeps a reason why -gate cannot say that nothing widens, once.
func (d *differ) cannot(text string) {
	if !slices.Contains(d.unjudged, text) {
		d.unjudged = append(d.unjudged, text)
	}
}

// judgedAll returns an error if something may widen that could not be judged.
func (d *differ) judgedAll() error {
	if !d.exact && !d.callsOnly {
		d.cannot("not every kind of call could be judged; -calls LOG -calls-only judges recorded calls alone")
	}
	if len(d.unjudged) == 0 {
		return nil
	}
	// Few places are enough to see what is wrong.
	const more = 3
	all := d.unjudged
	if n := len(all) - more; n > 0 {
		all = append(slices.Clone(all[:more]), "and "+counted(n, "more place", "more places"))
	}
	return &inputError{fmt.Errorf("-gate cannot say whether a change widens: %s", strings.Join(all, "\n  "))}
}
