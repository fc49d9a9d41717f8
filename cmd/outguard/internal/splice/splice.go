// Package splice adds entries to the whitelists of a policy file by adding lines to its text. All
// other lines stay byte for byte: comments, order, blank lines, line ends.
//
// [Whitelist] adds to the section of one function, or to the top of the file. A list or a section
// in braces or brackets has to be opened first; only then do lines change.
package splice

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
	if err := check(text, result, section, entries); err != nil {
		return nil, err
	}
	return result, nil
}

// errByHand is the error for a form that is not edited.
var errByHand = errors.New("the file has a form that cannot be edited: add the entries by hand")

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

func (l *lines) add(root *yaml.Node, section string, entries []string) error {
	if section == "" {
		return l.addTo(root, 0, len(l.all), entries)
	}
	key, functions := value(root, "functions")
	if key == nil {
		block := append([]string{"functions:", "  " + keyOf(section) + ":", "    whitelist:"}, indent(entries, 6)...)
		l.insert(len(l.all), block)
		return nil
	}
	if functions.Kind != yaml.MappingNode || functions.Style&yaml.FlowStyle != 0 || len(functions.Content) == 0 {
		return errByHand
	}
	column := functions.Content[0].Column - 1
	name, body := value(functions, section)
	if name == nil {
		block := append([]string{keyOf(section) + ":", "  whitelist:"}, indent(entries, 4)...)
		l.insert(l.end(key.Line, key.Column), indent(block, column))
		return nil
	}
	from := name.Line - 1
	switch {
	case body.Kind == yaml.MappingNode && body.Style&yaml.FlowStyle == 0:
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
	dash := list.Column - 1
	l.insert(l.endOfList(list, dash, key.Column-1), indent(entries, dash))
	return nil
}

// keyOf writes a key of a map.
func keyOf(s string) string {
	if report.PlainYAML(s) && (s[0] < '0' || s[0] > '9') {
		return s
	}
	return strconv.Quote(s)
}

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
	var more []any
	for _, err := range []error{yaml.Unmarshal(before, &want), yaml.Unmarshal([]byte(entries), &more)} {
		if err != nil {
			return err
		}
	}
	if err := yaml.Unmarshal(after, &got); err != nil {
		return fmt.Errorf("%w (%w)", errByHand, err)
	}
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
type lines struct {
	all [][]byte
	eol string
}

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

func (l *lines) bytes() []byte { return bytes.Join(l.all, nil) }

// insert adds lines before the line with the given index.
func (l *lines) insert(at int, added []string) {
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
