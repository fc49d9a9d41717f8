package main

import (
	"maps"
	"slices"
	"strings"
)

// A form is the end of the ARN of a kind of resource that has several parts, such as
// "table/$DatabaseName/$TableName".
type form struct {
	text  string
	parts int // separators behind the first name
}

// formTable lists, by prefix, the forms of the kinds of resources that always have several parts. A
// kind is left out if there is another of the service with fewer parts and the same beginning, by
// IAM's data or by the resource paths.
func (in *inputs) formTable(resources []string) (lines []string) {
	for _, prefix := range slices.Sorted(maps.Keys(in.arns)) {
		least := map[string]form{} // by what stands before the first name
		// note keeps the form with the fewest parts, since a shorter one may be whole.
		note := func(text string) {
			begin, rest := cutForm(text)
			n := strings.Count(rest, "/") + strings.Count(rest, ":")
			if have, ok := least[begin]; !ok || n < have.parts {
				least[begin] = form{text, n}
			}
		}
		// IAM's data has ${Name}, and the table $Name.
		for _, typ := range slices.Sorted(maps.Keys(in.arns[prefix])) {
			for _, arn := range append([]string{in.arns[prefix][typ]}, strings.Fields(typ)...) { // "arn:…, arn:… type"
				parts := strings.SplitN(strings.TrimSuffix(arn, ","), ":", 6)
				if len(parts) == 6 && parts[2] == prefix {
					note(strings.NewReplacer("${", "$", "}", "").Replace(parts[5]))
				}
			}
		}
		// The resource paths may know shorter forms than IAM's data.
		for _, line := range resources {
			name, entries, _ := strings.Cut(line, "=")
			if of := in.prefixOf(name); of != prefix && normal(of) != normal(prefix) && name != normal(prefix) {
				continue
			}
			for entry := range strings.FieldsSeq(entries) {
				text := ownText(entry)
				begin, rest := cutForm(text)
				if iam, ok := least[begin]; ok && iam.parts > 0 && strings.HasSuffix(rest, "*") && len(rest) > 2 {
					continue // the * stands for the parts that the input does not show
				}
				if text != "" {
					note(text)
				}
			}
		}
		var forms []string
		for _, begin := range slices.Sorted(maps.Keys(least)) {
			f := least[begin]
			// A beginning inside of another's is not certain: "table/" and "table/index/".
			if begin == "" || f.parts == 0 || !strings.Contains(f.text, "$") || slices.ContainsFunc(slices.Collect(maps.Keys(least)), func(other string) bool {
				return other != begin && strings.HasPrefix(begin, other)
			}) {
				continue
			}
			forms = append(forms, f.text)
		}
		// Most services have no such kind, and no line.
		if len(forms) > 0 {
			lines = append(lines, prefix+"="+strings.Join(forms, " "))
		}
	}
	return lines
}

// cutForm cuts a form before its first name.
func cutForm(text string) (begin, rest string) {
	// A * stands for a name that nobody knows.
	i := strings.IndexAny(text, "$*")
	if i < 0 {
		return text, ""
	}
	return text[:i], text[i:]
}

// ownText returns what an entry of the resource table makes of the paths, if it is of the service
// itself. A parser may make anything of them that begins so.
func ownText(entry string) string {
	_, text, ok := strings.Cut(entry, "=")
	if !ok || text == "-" {
		// What follows the type is about the parser and the operations.
		return ""
	}
	end := len(text)
	if i := strings.IndexAny(text, "~!@"); i >= 0 {
		end = i
	}
	parsed := end < len(text) && text[end] == '~' && !strings.HasPrefix(text[end:], "~folded")
	text = text[:end]
	// It is a resource of another service.
	if strings.Contains(text, "|") {
		return ""
	}
	text = strings.TrimLeft(text, ":^")
	// "/$" is the usual end, which entries leave out.
	if !strings.Contains(text, "$") && !strings.Contains(text, "*") {
		text += "/$"
	}
	if parsed {
		begin, _ := cutForm(text)
		return begin + "$"
	}
	return text
}
