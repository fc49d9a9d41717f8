package roles

import (
	"fmt"
	"path/filepath"
	"strings"
)

// This file reads the templates of nested stacks. Their parameters are values of the template
// around them, and their outputs are values in it.

// maxNested bounds how many templates are read for one: a template may name itself.
const maxNested = 100

// maxLevels bounds how deep stacks are nested.
const maxLevels = 8

// nest reads the templates of nested stacks that are files beside the template, so that values can
// refer to them. It leaves those that are elsewhere.
func (r *Reader) nest(s *scope, file string, level int) {
	s.nested = map[string]*scope{}
	for logical, res := range s.root.get("Resources").entries {
		location := ""
		switch res.get("Type").str() {
		case "AWS::CloudFormation::Stack":
			location = res.get("Properties", "TemplateURL").str()
		case "AWS::Serverless::Application":
			location = res.get("Properties", "Location").str()
		default:
			continue
		}
		// Packaged templates are in S3, and applications of the repository have an id.
		if location == "" || strings.Contains(location, "://") || r.Open == nil {
			r.note(logical + " is a template of its own; give it to -from, too")
			continue
		}
		child, err := r.open(filepath.Join(filepath.Dir(file), filepath.FromSlash(location)), level)
		if err != nil {
			r.leave("", logical, fmt.Sprintf("its template cannot be read: %v", err))
			continue
		}
		child.outer, child.given, child.logical = s, res.get("Properties", "Parameters"), logical
		s.nested[logical] = child
	}
}

// open reads a template of a nested stack, and those nested in it.
func (r *Reader) open(file string, level int) (*scope, error) {
	if r.opened++; r.opened > maxNested || level >= maxLevels {
		return nil, fmt.Errorf("too many templates are nested")
	}
	data, err := r.Open(file)
	if err != nil {
		return nil, err
	}
	t, err := parseTree(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	child := &scope{r: r, root: t, file: file}
	r.nest(child, file, level+1)
	return child, nil
}

// output evaluates an output of a nested stack; ok is false if a resource is not one that was read.
func (s *scope) output(logical, attr string) (all []string, why string, ok bool) {
	child, value := s.outputValue(logical, attr)
	if child == nil {
		return nil, "", false
	}
	inner := *child
	inner.depth, inner.naming = s.depth+1, s.naming
	all, why = inner.texts(value)
	return all, why, true
}

// outputValue returns the value of an output, and the template that it stands in; nil for anything
// else.
func (s *scope) outputValue(logical, attr string) (child *scope, value *tree) {
	name, ok := strings.CutPrefix(attr, "Outputs.")
	if child = s.nested[logical]; !ok || child == nil {
		return nil, nil
	}
	return child, child.root.get("Outputs", name, "Value")
}

// parameterGiven returns what the template around a nested stack gives for a parameter, and that
// template; nil if it gives nothing.
func (s *scope) parameterGiven(name string) (outer *scope, value *tree) {
	if s.outer == nil {
		return nil, nil
	}
	return s.outer, s.given.get(name)
}
