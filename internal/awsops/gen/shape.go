package main

import "strings"

// A shape is the type of a member of an operation's input, as far as resource paths can lead
// through it.
type shape struct {
	kind   kind
	of     *shape            // of a list's elements, or of a map's values
	fields map[string]*shape // of a struct or a union, by their names in the Go SDK
}

type kind uint8

const (
	other kind = iota // a time, a blob, a flag
	text
	number
	list
	mapping
	structure // a struct or a union
)

// at returns the shape that a place leads to: "TransactItems[].Put.TableName", "RequestItems{}".
// Package awscall reads inputs along such places. It returns nil if the shape has no such place.
func (s *shape) at(place string) *shape {
	switch {
	case s == nil || place == "":
		return s
	case place == "{}":
		if s.kind == mapping {
			return &shape{kind: text}
		}
		return nil
	case strings.HasPrefix(place, "[]"):
		if s.kind == list || s.kind == mapping {
			return s.of.at(place[2:])
		}
		return nil
	case s.kind != structure:
		return nil
	}
	place = strings.TrimPrefix(place, ".")
	name, rest := place, ""
	if i := strings.IndexAny(place, ".[{"); i >= 0 {
		name, rest = place[:i], place[i:]
	}
	return s.fields[upperFirst(name)].at(rest)
}

// has reports whether a text or a number is at a path of an entry, which may have a default.
func (s *shape) has(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	end := s.at(path)
	return end != nil && (end.kind == text || end.kind == number)
}

// upperFirst writes a member's name as the Go types have it.
func upperFirst(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// members are the places in an operation's input that hold a text, or a list of texts: members of
// the input, and of the structs in it. The value is the path to the texts, and the key is the path
// without the "[]" at its end.
type members map[string]string

// members returns those of an input.
func (s *shape) members() members {
	m := members{}
	for name, f := range s.fields {
		m.add(name, f)
		inside := f
		if f.kind == list && f.of != nil {
			inside, name = f.of, name+"[]"
		}
		for sub, g := range inside.fields {
			m.add(name+"."+sub, g)
		}
	}
	return m
}

// add adds a path if it leads to a text or to a list of texts.
func (m members) add(path string, s *shape) {
	switch {
	case s.kind == text:
		m[path] = path
	case s.kind == list && s.of != nil && s.of.kind == text:
		m[path] = path + "[]"
	}
}

// nameOf is how a path is compared with names of types and variables: "pipelinename" for
// "Pipeline.Name".
func nameOf(path string) string {
	return strings.ToLower(strings.NewReplacer(".", "", "[]", "").Replace(path))
}

// A model is what a source says of a service.
type model struct {
	id     string
	signed string            // the name that requests are signed for
	inputs map[string]*shape // by operation
	hosts  []string          // endpoints that the source's tests expect
	v2     bool              // it is of the SDK's version 2
}
