// Package addentries adds entries to the whitelists of a policy file by adding lines to its text.
// All other lines stay byte for byte: comments, order, blank lines, line ends.
//
// [Whitelist] adds to the section of one function, or to the top of the file. A list or a section
// in braces or brackets has to be opened first; only then do lines change.
package addentries

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/outguard/outguard/internal/report"
)

// Whitelist returns text with entries added to the end of a whitelist: that of a section, which is
// added if the file has none of that name, or that of the top of the file for "". entries are
// items of a block list without indentation, "- http: …", with comments between them. The error
// says what to do by hand; the text has not been changed then.
func Whitelist(text []byte, section, entries string) ([]byte, error) {
	root, err := rootOf(text)
	if err != nil {
		return nil, err
	}
	l := newLines(text)
	added := strings.Split(strings.TrimRight(entries, "\n"), "\n")
	if err := l.add(root, section, added); err != nil {
		return nil, err
	}
	result := l.bytes()
	// The edit is by lines, so that the result is parsed again and compared before anybody sees it.
	if err := check(text, result, section, entries); err != nil {
		return nil, err
	}
	return result, nil
}

// errByHand is the error for a form that is not edited.
var errByHand = errors.New("the file has a form that cannot be edited: add the entries by hand")

// rootOf parses a policy. It accepts a file with one mapping in block style only.
func rootOf(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode || doc.Content[0].Style&yaml.FlowStyle != 0 {
		return nil, errByHand
	}
	return doc.Content[0], nil
}

// value returns the key and the value of a key in a mapping, or nil.
func value(m *yaml.Node, name string) (key, val *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i], m.Content[i+1]
		}
	}
	return nil, nil
}

// add inserts the entries. It may open a section first and begin anew, since nodes have old lines
// then.
func (l *lines) add(root *yaml.Node, section string, entries []string) error {
	// The top of the file ends where the file ends.
	if section == "" {
		return l.addTo(root, 0, len(l.all), entries)
	}
	// A file without functions: gets one at its end.
	key, functions := value(root, "functions")
	if key == nil {
		block := append([]string{"functions:", "  " + keyOf(section) + ":", "    whitelist:"}, indent(entries, 6)...)
		l.insert(len(l.all), block)
		return nil
	}
	// {…} or an empty value: the author decides how it is opened.
	if functions.Kind != yaml.MappingNode || functions.Style&yaml.FlowStyle != 0 || len(functions.Content) == 0 {
		return errByHand
	}
	column := functions.Content[0].Column - 1
	name, body := value(functions, section)
	// A new section comes after the last one, with the same indentation.
	if name == nil {
		block := append([]string{keyOf(section) + ":", "  whitelist:"}, indent(entries, 4)...)
		l.insert(l.end(key.Line, key.Column), indent(block, column))
		return nil
	}
	from := name.Line - 1
	switch {
	// The usual form: keys below each other.
	case body.Kind == yaml.MappingNode && body.Style&yaml.FlowStyle == 0:
	// orders: {} or nothing. After it is opened, lines have moved.
	case body.Kind == yaml.MappingNode || body.Kind == yaml.ScalarNode && body.Value == "":
		if err := l.open(name, body, column+2); err != nil {
			return err
		}
		return l.again(section, entries)
	default:
		return errByHand
	}
	return l.addTo(body, from, l.end(name.Line, name.Column), entries)
}

// again adds after the text has been changed, which moves what it says where.
func (l *lines) again(section string, entries []string) error {
	root, err := rootOf(l.bytes())
	if err != nil {
		return errByHand
	}
	return l.add(root, section, entries)
}

// addTo adds entries to the whitelist of a block mapping, which ends before the line end. head is
// the index of the line of its key, for a mapping without a whitelist.
// The key and list nodes have lines and columns of the text, both from 1.
func (l *lines) addTo(m *yaml.Node, head, end int, entries []string) error {
	key, list := value(m, "whitelist")
	column := m.Column - 1
	switch {
	case key == nil && m.Line-1 <= head && head > 0:
		return errByHand // on one line with its key
	case key == nil:
		l.insert(end, append([]string{strings.Repeat(" ", column) + "whitelist:"}, indent(entries, column+2)...))
		return nil
	case list.Kind != yaml.SequenceNode:
		return errByHand
	case list.Style&yaml.FlowStyle != 0:
		return l.openList(key, list, entries)
	}
	// Dashes may have the indentation of their key or more. New ones take that of the others.
	dash := list.Column - 1
	l.insert(l.endOfList(list, dash, key.Column-1), indent(entries, dash))
	return nil
}

// keyOf writes a key of a map.
func keyOf(s string) string {
	// A name such as 123 or true must not become a number or a bool.
	if report.PlainYAML(s) && (s[0] < '0' || s[0] > '9') {
		return s
	}
	return strconv.Quote(s)
}

// indent returns the lines with n blanks in front.
func indent(lines []string, n int) (indented []string) {
	for _, line := range lines {
		indented = append(indented, strings.Repeat(" ", n)+line)
	}
	return indented
}

// check reports whether the edited text means what was meant: the former file, and the entries at
// the end of one list.
func check(before, after []byte, section, entries string) error {
	var want, got map[string]any
	// Everything is compared as values, so that any damage shows: a lost key, a changed text,
	// another type.
	var more []any
	for _, err := range []error{yaml.Unmarshal(before, &want), yaml.Unmarshal([]byte(entries), &more)} {
		if err != nil {
			return err
		}
	}
	// Broken YAML is a form that cannot be edited.
	if err := yaml.Unmarshal(after, &got); err != nil {
		return fmt.Errorf("%w (%w)", errByHand, err)
	}
	// want becomes the former file with the entries added.
	at := want
	if section != "" {
		if want["functions"] == nil {
			want["functions"] = map[string]any{}
		}
		functions, ok := want["functions"].(map[string]any)
		if !ok {
			return errByHand
		}
		if functions[section] == nil {
			functions[section] = map[string]any{}
		}
		if at, ok = functions[section].(map[string]any); !ok {
			return errByHand
		}
	}
	// A whitelist that is null is the same as an empty one.
	list, ok := at["whitelist"].([]any)
	if !ok && at["whitelist"] != nil {
		return errByHand
	}
	at["whitelist"] = append(list, more...)
	if !reflect.DeepEqual(want, got) {
		return errByHand
	}
	return nil
}

// lines are the lines of a text with their line ends.
// eol is that of the first line: files from Windows keep theirs.
type lines struct {
	all [][]byte
	eol string
}

// newLines cuts a text. Each line keeps its line end.
func newLines(text []byte) *lines {
	l := &lines{eol: "\n"}
	for line := range bytes.Lines(text) {
		l.all = append(l.all, line)
	}
	if len(l.all) > 0 && bytes.HasSuffix(l.all[0], []byte("\r\n")) {
		l.eol = "\r\n"
	}
	return l
}

// bytes returns the text with all changes.
func (l *lines) bytes() []byte { return bytes.Join(l.all, nil) }

// insert adds lines before the line with the given index.
func (l *lines) insert(at int, added []string) {
	// The last line of a file may have no end, and would run into the added one.
	if at > 0 && !bytes.HasSuffix(l.all[at-1], []byte("\n")) {
		l.all[at-1] = append(bytes.Clone(l.all[at-1]), l.eol...)
	}
	var all [][]byte
	all = append(all, l.all[:at]...)
	for _, line := range added {
		all = append(all, []byte(line+l.eol))
	}
	l.all = append(all, l.all[at:]...)
}
