package policy

import "net/netip"

// A rule is one entry of a whitelist or a blacklist, decoded and expanded for one function, before compilation.
// Entries that do not apply (another stage, an expired until) are never made into rules.
type rule struct {
	ref     RuleRef
	list    List // Whitelist or Blacklist
	kind    kind
	any     bool     // `http: any`, `aws: any`, `net: any`
	subject subjects // what it matches: any of these
	except  subjects // and what it does not, although subject matches
	verdict Verdict  // blacklist: what follows (the rule's own on_violation, else the policy's)

	methods   []string // http: nil is any
	access    string   // aws: "", "list", "read", "write", "tagging", "permissions"
	resources []string // aws: ARN globs, or what follows the fifth colon; nil: none named
	regions   []string // aws
	accounts  []string // aws: ids, "self"
}

// kind is the key that a rule's subject is written under.
type kind uint8

const (
	kindHTTP kind = iota
	kindAWS
	kindIP
	kindNet
)

// subjects holds the parsed subjects of one rule; only the slice of the rule's kind is filled. A feed fills hosts or ip.
type subjects struct {
	http []httpPattern
	// hosts are a feed's, as feedHost gives them: any scheme, port and path. They may point into the feed's text.
	hosts []string
	aws   []awsPattern
	ip    []netip.Prefix
	net   []netPattern
}

// settings is what a policy says besides its rules, for one function.
type settings struct {
	info             Info
	env              Env
	whitelist        bool // some whitelist key applies: default deny
	strictOperations bool // operations with a guessed level match no whitelist rule with access:
	callOnly         bool // block_fails: call
	targets          []Target
	warnings         []Warning
}
