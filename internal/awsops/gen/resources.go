package main

import (
	"fmt"
	"slices"
	"strings"
)

// resourceTable writes the resource paths of each service, with ARNs in place of the names of
// types.
func resourceTable(in *inputs) (lines []string, err error) {
	all := slices.Clone(in.resources)
	// Generated entries come behind those by hand, which count first.
	for _, r := range in.generated {
		if i := slices.IndexFunc(all, func(h [2]string) bool { return normal(h[0]) == normal(r[0]) }); i >= 0 {
			all[i][1] += " " + r[1]
		} else {
			all = append(all, r)
		}
	}
	for _, r := range all {
		prefix := in.prefixOf(r[0])
		if prefix == "" {
			return nil, fmt.Errorf("resources.txt: unknown service %q", r[0])
		}
		var entries []string
		// Every entry is checked as package awscall would read it.
		for text := range strings.FieldsSeq(r[1]) {
			if err := in.check(prefix, cutEntry(text)); err != nil {
				return nil, fmt.Errorf("resources.txt: [%s] %s: %w", r[0], text, err)
			}
			// The table has ARNs, because awsops does not have IAM's types.
			e, err := in.expand(prefix, text)
			if err != nil {
				return nil, fmt.Errorf("resources.txt: [%s] %s: %w", r[0], text, err)
			}
			entries = append(entries, e)
		}
		// Entries are shortened last: expand reads them in full.
		for i, e := range entries {
			entries[i] = shorten(e)
		}
		lines = append(lines, normal(r[0])+"="+strings.Join(entries, " "))
	}
	// The table is searched by halves.
	slices.Sort(lines)
	return lines, nil
}

// maxTokens is how many bytes stand for texts of their own in the resource table: all that ASCII
// does not have.
const maxTokens = 128

// packed replaces frequent texts in the values of a table by single bytes. Each token stands for a
// text of two characters or more, which may have earlier tokens in it. Package awsops puts them
// back.
func packed(lines []string) (tokens []string, out []string) {
	// This is byte pair encoding: the most frequent pair of bytes becomes one byte, again and
	// again.
	out = slices.Clone(lines)
	for len(tokens) < maxTokens {
		// Keys are searched as they are, so that only values are packed.
		counts := map[[2]byte]int{}
		for _, line := range out {
			_, value, _ := strings.Cut(line, "=")
			for i := 0; i+1 < len(value); i++ {
				counts[[2]byte{value[i], value[i+1]}]++
				if i+2 < len(value) && value[i] == value[i+1] && value[i+1] == value[i+2] {
					i++ // of three alike, a pair counts once
				}
			}
		}
		var best [2]byte
		for pair, n := range counts {
			// Of equal counts, the smaller pair is taken, so that the result is the same each time.
			if n > counts[best] || n == counts[best] && string(pair[:]) < string(best[:]) {
				best = pair
			}
		}
		// A token costs two bytes of its own and saves one each time, so that few uses save
		// nothing.
		if counts[best] < 4 {
			break
		}
		// ASCII ends at 0x7f, and so no text has these bytes.
		token := string([]byte{byte(0x80 + len(tokens))})
		for i, line := range out {
			key, value, _ := strings.Cut(line, "=")
			out[i] = key + "=" + strings.ReplaceAll(value, string(best[:]), token)
		}
		tokens = append(tokens, string(best[:]))
	}
	return tokens, out
}

// quoteText writes bytes as a Go string in which ASCII stays readable.
func quoteText(chunk []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range chunk {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		// Bytes above ASCII are tokens, which are not UTF-8.
		case c == '"' || c == '\\' || c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, "\\x%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// packedTable declares the resource table and its tokens.
func packedTable(lines []string) string {
	tokens, out := packed(lines)
	text := "// resources lists the resource paths of each service. A byte from 0x80 on stands for the two bytes\n" +
		"// at its place in resourceTokens.\nconst resources = \"\\n\" +\n"
	for _, line := range out {
		// Ninety bytes to a line fit on a screen, as far as they are not escaped.
		for chunk := range slices.Chunk([]byte(line+"\n"), 90) {
			text += "\t" + quoteText(chunk) + " +\n"
		}
	}
	text += "\t\"\"\n\nconst resourceTokens = \"\" +\n"
	for chunk := range slices.Chunk([]byte(strings.Join(tokens, "")), 60) {
		text += "\t" + quote(chunk) + " +\n"
	}
	return text + "\t\"\"\n"
}

// prefixOf returns the IAM prefix for a name that is a prefix itself, or the id of an SDK service.
func (in *inputs) prefixOf(name string) string {
	if slices.Contains(in.prefixes, name) {
		return name
	}
	for _, s := range in.services {
		if normal(s.id) == name {
			return s.prefix
		}
	}
	return ""
}

// serviceOf returns the IAM prefix of the SDK's service with an id; "" if operations.txt does not
// have it.
func (in *inputs) serviceOf(id string) string {
	for _, s := range in.services {
		if normal(s.id) == normal(id) {
			return s.prefix
		}
	}
	return ""
}

// expand replaces the name of a type by its ARN.
func (in *inputs) expand(prefix, entry string) (string, error) {
	end := len(entry)
	// What follows the type stays as it is.
	if i := strings.IndexAny(entry, "~!@"); i >= 0 {
		end = i
	}
	path, name, ok := strings.Cut(entry[:end], "=")
	// An ARN that is written out, or none at all, needs no type.
	if !ok || name == "-" || strings.ContainsAny(name, "$/^") {
		return entry, nil
	}
	arn, ok := in.arns[prefix][name]
	if !ok {
		return "", fmt.Errorf("IAM has no resource type %q", name)
	}
	text, names, err := template(prefix, arn)
	if err != nil {
		return "", err
	}
	// Each path fills one name of the ARN. An entry without paths is about what has no name.
	if want := strings.Count(path, "+") + 1; names != want && (path != "" || names > 0) {
		return "", fmt.Errorf("%d paths for the %d names of %s", want, names, arn)
	}
	return path + "=" + text + entry[end:], nil
}

// shorten leaves out "/$", with which most texts end that make an ARN of one name.
func shorten(entry string) string {
	// With several names, it would be open which one was left out.
	if entry[0] == '=' || strings.Count(entry, "$") != 1 {
		return entry
	}
	before, after, _ := strings.Cut(entry, "/$")
	if after == "" || strings.ContainsAny(after[:1], "~!@") {
		return before + after
	}
	return entry
}

// template writes an ARN of IAM's data as package awscall reads it, and counts its names.
func template(prefix, arn string) (text string, names int, err error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || strings.Contains(parts[5], ",") {
		return "", 0, fmt.Errorf("%s is not one ARN", arn)
	}
	// The resource is of another service, whose name stands in front.
	if parts[2] != prefix {
		text = parts[2] + "|"
	}
	switch parts[3] {
	case "":
		text += ":"
	// The usual case has no mark: the region and the account are those of the call.
	case "${Region}":
	default:
		return "", 0, fmt.Errorf("%s has a region of its own", arn)
	}
	switch parts[4] {
	case "":
		text += "^"
	case "${Account}", "${AccountId}":
	default:
		return "", 0, fmt.Errorf("%s has an account of its own", arn)
	}
	rest := parts[5]
	for {
		// Names have no meaning here: the order of the paths says what fills which.
		before, after, ok := strings.Cut(rest, "${")
		text += before
		if !ok {
			return text, names, nil
		}
		_, rest, _ = strings.Cut(after, "}")
		text += "$"
		names++
	}
}
