package policy

// This file joins several policies, so that none can loosen another.

// Join makes one policy of several: each judges a call whole, and the strictest verdict holds.
// Among equals the first policy's decision is returned. Every call is blocked without policies, and
// if one of them is nil or the zero Policy.
func Join(policies ...*Policy) *Policy {
	// A policy of one file keeps its form, which is judged faster.
	if len(policies) == 1 {
		return policies[0]
	}
	j := &Policy{joined: []*Policy{}}
	// A part that was not made must not be left out: it stands for a policy that could not be read.
	for _, p := range policies {
		if !p.isMade() {
			return new(Policy)
		}
		// Joined ones are flattened, so that there is one level of parts.
		if p.joined != nil {
			j.joined = append(j.joined, p.joined...)
		} else {
			j.joined = append(j.joined, p)
		}
	}
	// Settings of the whole are those of the first file: the guard reads region and account there.
	if len(j.joined) > 0 {
		j.set = j.joined[0].set
	}
	return j
}
