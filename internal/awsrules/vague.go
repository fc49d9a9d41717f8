package awsrules

// mayBe reports whether a pattern of a blacklist can match a resource that a call shows in part. In
// the resource, each * stands for a part that is not known: an id without slashes and colons or, at
// the end, anything. It takes time and memory in proportion to the product of their lengths.
func mayBe(pattern, resource string) bool {
	// reach[j] reports whether what has been read of pattern can match the first j bytes of
	// resource.
	// This is the usual matching by sets of states, as for a regular expression, column by column.
	reach, next := make([]bool, len(resource)+1), make([]bool, len(resource)+1)
	skip := func(reach []bool) { // an unknown part may be empty
		for j := range len(resource) {
			reach[j+1] = reach[j+1] || reach[j] && resource[j] == '*'
		}
	}
	reach[0] = true
	skip(reach)
	for i := range len(pattern) {
		clear(next)
		// A star takes any text, so that everything after the first reachable place is reachable.
		if pattern[i] == '*' {
			reached := false
			for j := range reach {
				reached = reached || reach[j]
				next[j] = reached
			}
		} else {
			for j := range len(resource) {
				switch c := pattern[i]; {
				// An unknown part takes the character: an id has no slash or colon, but what is
				// open at the end has.
				case resource[j] == '*':
					next[j+1] = (reach[j+1] || reach[j]) && (c != '/' && c != ':' || j+1 == len(resource))
				case reach[j]:
					next[j+1] = c == '?' || resource[j] == c
				}
			}
		}
		skip(next)
		reach, next = next, reach
	}
	return reach[len(resource)]
}
