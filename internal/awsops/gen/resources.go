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
	for _, r := range in.generated {
		if i := slices.IndexFunc(all, func(h [2]string) bool { return h[0] == "+"+r[0] }); i >= 0 {
			all[i] = [2]string{r[0], all[i][1] + " " + r[1]}
		} else if !in.byHand(r[0]) {
			all = append(all, r)
		}
	}
	for _, r := range all {
		prefix := in.prefixOf(r[0])
		if prefix == "" {
			return nil, fmt.Errorf("resources.txt: unknown service %q", r[0])
		}
		var entries []string
		for text := range strings.FieldsSeq(r[1]) {
			if err := in.check(prefix, cutEntry(text)); err != nil {
				return nil, fmt.Errorf("resources.txt: [%s] %s: %w", r[0], text, err)
			}
			e, err := in.expand(prefix, text)
			if err != nil {
				return nil, fmt.Errorf("resources.txt: [%s] %s: %w", r[0], text, err)
			}
			entries = append(entries, e)
		}
		for i, e := range entries {
			entries[i] = shorten(e)
		}
		lines = append(lines, normal(r[0])+"="+strings.Join(entries, " "))
	}
	slices.Sort(lines)
	return lines, nil
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

// expand replaces the name of a type by its ARN.
func (in *inputs) expand(prefix, entry string) (string, error) {
	end := len(entry)
	if i := strings.IndexAny(entry, "~!@"); i >= 0 {
		end = i
	}
	path, name, ok := strings.Cut(entry[:end], "=")
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
	if want := strings.Count(path, "+") + 1; names != want && (path != "" || names > 0) {
		return "", fmt.Errorf("%d paths for the %d names of %s", want, names, arn)
	}
	return path + "=" + text + entry[end:], nil
}

// shorten leaves out "/$", with which most texts end that make an ARN of one name.
func shorten(entry string) string {
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
	if parts[2] != prefix {
		text = parts[2] + "|"
	}
	switch parts[3] {
	case "":
		text += ":"
	case "${Region}":
	default:
		return "", 0, fmt.Errorf("%s has a region of its own", arn)
	}
	switch parts[4] {
	case "":
		text += "^"
	case "${Account}":
	default:
		return "", 0, fmt.Errorf("%s has an account of its own", arn)
	}
	rest := parts[5]
	for {
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
