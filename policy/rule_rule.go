// Package rule has the rule of a policy, and the one table of the kinds of rules.
package policy

import (
	"net/netip"
)

// rule is one entry of a whitelist or a blacklist, parsed and expanded for one function. Engines compile it. Entries
// that do not apply (another stage, an expired until:) are never made into rules.
type rule struct {
	origin  origin
	mode    mode    // narrow in a whitelist, wide in a blacklist
	kind    kind    // of all its subjects
	outcome outcome // of a violation; of a blacklist rule only
	any     bool    // it opens or forbids the whole kind: subject is empty
	subject []pattern
	except  []pattern // calls that the rule does not hold for, although subject matches

	methods   []string // http: nil is any
	access    string   // aws: "", "list", "read", "write", "tagging", "permissions"
	resources []string // aws: ARN globs, or what follows the fifth colon; nil: none named
	regions   []string // aws
	accounts  []string // aws: ids, "self"

	// What a feed adds to subject: canonical hosts, each for any scheme, port and path, and ranges. The hosts may
	// point into the feed's text.
	hosts []string
	addrs []netip.Prefix
}

// vouches reports whether the rule is in a whitelist. All other rules forbid, those of an invalid mode included.
func (r *rule) vouches() bool { return r.mode == narrow }

// origin says where a rule is written, and what it is called.
type origin struct {
	ID     string // the rule's id, else "policy.yaml:14"; the name of a built-in rule
	File   string // "policy.yaml"; "" for a built-in rule
	Line   int    // from 1; 0 for a built-in rule
	Column int
	Reason string // the rule's reason, as written
}

// outcome is what follows a violation, as a number whose meaning is policy's: the lower, the stricter.
type outcome uint8
