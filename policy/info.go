package policy

// Info says what p is made of: one entry for each policy file, in the order given to Join.
//
//go:noinline
func (p *Policy) Info() []Info { // inlined, as it would be at 10 places, it is 7 KB
	// nil for a policy that is not made.
	var infos []Info
	for _, part := range p.parts() {
		infos = append(infos, part.set.info)
	}
	return infos
}

// Targets returns the entries of notify: of all files.
func (p *Policy) Targets() []Target {
	var targets []Target
	for _, part := range p.parts() {
		targets = append(targets, part.set.targets...)
	}
	return targets
}

// Warnings returns the entries of the files that are valid for this function but probably not what
// the author intended.
func (p *Policy) Warnings() []Warning {
	var warnings []Warning
	for _, part := range p.parts() {
		warnings = append(warnings, part.set.warnings...)
	}
	return warnings
}

// parts returns the policies that each judge a call whole.
func (p *Policy) parts() []*Policy {
	switch {
	case !p.isMade():
		return nil
	case p.joined != nil:
		return p.joined
	}
	return []*Policy{p}
}

// isMade reports whether p judges calls: it was made by Parse, File.For or Join. A nil Policy, the
// zero one and one joined of none refuse every call.
func (p *Policy) isMade() bool { return p != nil && (p.http != nil || len(p.joined) > 0) }
