package foldids

import "strings"

// Entry folds the URLs and the resources of a proposed whitelist entry: the values of http: and
// resources:, one a line, plain or quoted or in a list of one line. Other lines stay.
func Entry(yaml string) string {
	// Most calls fold to themselves, so that this costs nothing.
	if !strings.Contains(yaml, "http:") && !strings.Contains(yaml, "resources:") {
		return yaml
	}
	var b strings.Builder
	// fold is how resources: fold. It depends on the aws: line above them.
	fold := Resource
	for line := range strings.Lines(yaml) {
		text := strings.TrimLeft(line, " -")
		indent := line[:len(line)-len(text)]
		key, value, ok := strings.Cut(text, ": ")
		// The line's end goes back as it was, so that "\r\n" survives.
		value, end := cutEnd(value)
		switch {
		case ok && key == "aws":
			// "receipts/17.pdf" without an ARN is a key only if the operation is one of s3.
			keys := strings.HasPrefix(strings.Trim(value, `["' `), "s3:")
			fold = func(s string, emit func(string)) {
				if keys && !strings.HasPrefix(s, "arn:") {
					resource(s, true, emit)
					return
				}
				Resource(s, emit)
			}
			b.WriteString(line)
		case ok && key == "http":
			b.WriteString(indent + key + ": " + values(URL, value) + end)
		case ok && key == "resources":
			b.WriteString(indent + key + ": " + values(fold, value) + end)
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}

// Paths folds the URLs of proposed whitelist entries, as Entry does, and leaves their resources: in
// place of a table's name, a * would open every table.
func Paths(yaml string) string {
	if !strings.Contains(yaml, "http:") {
		return yaml
	}
	var b strings.Builder
	// Entry would fold resources by the line aws:, which a single line does not have.
	for line := range strings.Lines(yaml) {
		if strings.HasPrefix(strings.TrimLeft(line, " -"), "http: ") {
			line = Entry(line)
		}
		b.WriteString(line)
	}
	return b.String()
}

// cutEnd cuts off the end of a line: "\n", "\r\n" or "".
func cutEnd(line string) (value, end string) {
	value = strings.TrimRight(line, "\r\n")
	return value, line[len(value):]
}

// values folds a value, or each value of a list. Values that become the same appear once.
func values(fold func(string, func(string)), text string) string {
	// "[a, b]" is a list. "[a" is left to value.
	inner, ok := strings.CutPrefix(text, "[")
	if ok {
		inner, ok = strings.CutSuffix(inner, "]")
	}
	if !ok {
		return value(fold, text)
	}
	// tables/a1 and tables/a2 both become tables/*, which is written once.
	var all []string
	have := map[string]bool{}
	for _, v := range strings.Split(inner, ", ") {
		if v = value(fold, v); !have[v] {
			have[v] = true
			all = append(all, v)
		}
	}
	// A list of one needs no brackets.
	if len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// value folds one value. YAML takes a * at the start of a plain value for an alias.
func value(fold func(string, func(string)), v string) string {
	// What was in quotes stays in them. They may be needed for another reason.
	if n := len(v); n >= 2 && (v[0] == '"' || v[0] == '\'') && v[n-1] == v[0] {
		return v[:1] + String(fold, v[1:n-1]) + v[n-1:]
	}
	if v = String(fold, v); strings.HasPrefix(v, "*") {
		return `"` + v + `"`
	}
	return v
}
