package learn

import (
	"strings"

	"github.com/outguard/outguard/internal/fold"
	"github.com/outguard/outguard/internal/pattern"
)

// sections returns the name of the section for each function. A name that ends as SAM, CDK and
// CloudFormation generate it changes with every new stack, so it becomes a glob, unless the glob
// matches a function that has another section.
func sections(functions []string) map[string]string {
	names := map[string]string{}
	for _, f := range functions {
		names[f] = glob(f)
	}
	for _, f := range functions {
		for _, other := range functions {
			if names[other] != names[f] && pattern.MatchGlob(names[f], other) {
				names[f] = f
				break
			}
		}
	}
	return names
}

// Generated suffixes have 8 to 13 letters and digits: CheckoutFunction-1A2B3C4D5E6F.
const (
	shortestSuffix = 8
	longestSuffix  = 13
)

// glob returns the name of a function with its generated parts as *, or the name.
func glob(function string) string {
	i := strings.LastIndexByte(function, '-')
	suffix := function[i+1:]
	if i <= 0 || len(suffix) < shortestSuffix || len(suffix) > longestSuffix {
		return function
	}
	digits, letters := false, false
	for _, c := range suffix {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			letters = true
		default:
			return function
		}
	}
	if !digits || !letters {
		return function
	}
	return fold.String(fold.Resource, function[:i]) + "-*"
}
