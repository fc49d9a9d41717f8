package syntax

// This file has the keys and words of the language.

// FileKeys returns the keys at the top of a file, in the order in which messages list them. It and
// the functions below have the keys of each mapping but rules. policy.schema.json names the same
// keys; a test compares them.
func FileKeys() []string {
	return []string{"version", "owner", "stage", "on_violation", "on_unguarded", "block_fails", "strict_operations", "next",
		"notify", "whitelist", "blacklist", "functions"}
}

// SectionKeys returns the keys of a section under functions:.
func SectionKeys() []string {
	return []string{"owner", "on_violation", "on_unguarded", "block_fails", "strict_operations", "whitelist", "blacklist"}
}

// StageKeys returns the keys of stage:.
func StageKeys() []string { return []string{"accounts"} }

// ActionWords returns the values of on_violation:.
func ActionWords() []string { return []string{"log", "alert", "block"} }

// synonym returns our word for one that other tools use; "" if there is none.
func synonym(word string) string {
	// A case: what others write, then our key.
	switch word {
	case "allow", "allowlist", "allowed", "allow_list":
		return "whitelist"
	case "deny", "denylist", "denied", "deny_list", "blocklist":
		return "blacklist"
	case "url", "urls", "https", "host", "hosts":
		return "http"
	case "action", "actions", "operation", "operations":
		return "aws"
	case "cidr":
		return "ip"
	case "tcp":
		return "net"
	case "method":
		return "methods"
	case "resource":
		return "resources"
	case "region":
		return "regions"
	case "account":
		return "accounts"
	case "stage":
		return "stages"
	case "expires":
		return "until"
	case "description", "because":
		return "reason"
	case "not", "exclude":
		return "except"
	case "mode", "violation", "effect":
		return "on_violation"
	case "alerts":
		return "notify"
	case "function", "lambdas":
		return "functions"
	}
	return ""
}
