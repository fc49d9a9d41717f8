package mask

import "strings"

// This file recognizes the versions of packages, which are not tokens.

// withoutVersion takes the version out of the name of a file or a package: client-s3-3.600.0.tgz,
// app-2026.11.28, tool_v1.8.5. It has two to four numbers, behind a name. Those of a card have more
// digits, and in front of those of a telephone are others: +49-30-1234.5678.
func withoutVersion(s string) string {
	named := false
	for i := 1; i < len(s); i++ {
		named = (named || class(s[i-1]) <= upper) && s[i-1] != '+'
		if !named || class(s[i]) != digit {
			continue
		}
		// A separator stands in front, or a v behind one.
		begin := i
		if s[begin-1] == 'v' && begin > 1 {
			begin--
		}
		if strings.IndexByte("-_", s[begin-1]) < 0 {
			continue
		}
		if n := version(s[i:]); n > 0 {
			return s[:begin] + s[i+n:]
		}
	}
	return s
}

// isModuleVersion reports what follows the @ of a module or a package: v1.47.0, 18.3.1. A domain
// has letters.
func isModuleVersion(s string) bool {
	rest, v := strings.CutPrefix(s, "v")
	return version(rest) == len(rest) && (v || strings.Count(rest, ".") == 2)
}

// version returns the length of the version that a text begins with; 0 if it begins with something
// else.
func version(s string) int {
	numbers, digits, end := 0, 0, 0
	for at := 0; at < len(s); {
		to := at
		for to < len(s) && class(s[to]) == digit {
			to++
		}
		if to == at || to-at > 4 {
			break
		}
		numbers, digits, end = numbers+1, digits+to-at, to
		if to == len(s) || s[to] != '.' {
			break
		}
		at = to + 1
	}
	// A letter right behind it belongs to something else: 1.2a3b.
	if numbers < 2 || numbers > 4 || digits > 8 || end < len(s) && class(s[end]) <= upper {
		return 0
	}
	return end
}
