package learn

import (
	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/internal/pattern"
)

// sections returns the name of the section for each function. A name that ends as SAM, CDK and
// CloudFormation generate it changes with every new stack, so it becomes a glob, unless the glob
// matches a function that has another section.
func sections(functions []string) map[string]string {
	names := map[string]string{}
	for _, f := range functions {
		names[f] = foldids.Function(f)
	}
	// orders-Worker-1A2B3C4D5E6F and orders-Worker-Old could share the glob orders-Worker-*. They
	// are two functions, and the first one keeps its whole name.
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
