package mask

import "strings"

// Entry reports whether a proposed entry of a policy may be shown: nothing in it would be masked.
// An entry with a mask allows another call or does not load, so that it is all or nothing.
func Entry(yaml string) bool {
	service := ""
	for line := range strings.Lines(yaml) {
		key, value, ok := strings.Cut(strings.TrimLeft(strings.TrimRight(line, "\r\n"), " -"), ": ")
		if !ok {
			if Text(line) != line {
				return false
			}
			continue
		}
		for v := range strings.SplitSeq(strings.Trim(value, "[]"), ", ") {
			v = strings.Trim(v, `"'`)
			shown := v
			switch key {
			case "aws":
				service, _, _ = strings.Cut(v, ":")
			case "http":
				if shown = URL(v); secretForms(v) {
					return false
				}
			case "resources":
				if shown = Resource(v); !strings.HasPrefix(v, "arn:") {
					shown = resource(service, "", v)
				}
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
