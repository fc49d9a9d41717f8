package mask

import "strings"

// Entry reports whether a proposed entry of a policy may be shown: nothing in it would be masked.
// An entry with a mask allows another call or does not load, so that it is all or nothing.
func Entry(yaml string) bool {
	// The service of the last aws: line. A resources: line is below it and is read as one of that
	// service.
	service := ""
	for line := range strings.Lines(yaml) {
		key, value, ok := strings.Cut(strings.TrimLeft(strings.TrimRight(line, "\r\n"), " -"), ": ")
		// A line without a key, such as an item of a block list, is judged like free text.
		if !ok {
			if Text(line) != line {
				return false
			}
			continue
		}
		// A list on one line is judged value by value: [a, b].
		for v := range strings.SplitSeq(strings.Trim(value, "[]"), ", ") {
			v = strings.Trim(v, `"'`)
			shown := v
			switch key {
			// Operations are never secret. "s3:GetObject" only selects how resources: are read.
			case "aws":
				service, _, _ = strings.Cut(v, ":")
			case "http":
				// The host of a hook is public, its path is the secret: a * there has nothing to
				// mask.
				if shown = URL(v); secretForms(v) {
					return false
				}
			case "resources":
				// "receipts/*" has no ARN around it, so the service decides whether it holds a key.
				if shown = Resource(v); !strings.HasPrefix(v, "arn:") {
					shown = resource(service, "", v)
				}
			// Hosts, account ids, import paths and addresses are names.
			case "net", "accounts", "callers", "ip":
			default:
				shown = Text(v)
			}
			if shown != v {
				return false
			}
		}
	}
	return true
}

// secretForms reports the entry of a webhook in which a wildcard stands for what is secret: it
// would open the webhooks of everybody.
func secretForms(url string) bool {
	_, rest, ok := cutScheme(url)
	host, p, _ := strings.Cut(rest, "/")
	return ok && IsHookHost(host) && strings.Contains(p, "*")
}
