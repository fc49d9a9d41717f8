package addentries

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// This file opens lists and sections that are written in brackets or braces, to one line for each
// item.

// openList opens a list in brackets and adds entries to it.
// [a, b] becomes "- a" and "- b", each on its own line, and then the new entries follow.
func (l *lines) openList(key, list *yaml.Node, entries []string) error {
	items, head, tail, ok := l.flow(list)
	if !ok {
		return errByHand
	}
	var block []string
	// Items are moved as they are: quotes and inner brackets keep their meaning in block style.
	for _, item := range items {
		block = append(block, "- "+item)
	}
	at := list.Line - 1
	// The line keeps what was before the bracket and behind it, such as a comment.
	l.all[at] = []byte(head + tail)
	l.insert(at+1, indent(append(block, entries...), key.Column-1+2))
	return nil
}

// open opens a section in braces, or one without anything.
// column is the indentation of its keys.
func (l *lines) open(name, body *yaml.Node, column int) error {
	// "orders:" alone, ~ or null: only the first form has a place for keys.
	if body.Kind == yaml.ScalarNode {
		if body.Tag != "!!null" || body.Value != "" {
			return errByHand
		}
		l.insert(name.Line, []string{strings.Repeat(" ", column) + "whitelist: []"})
		return nil
	}
	items, head, tail, ok := l.flow(body)
	if !ok {
		return errByHand
	}
	// Without a whitelist, the section gets an empty one, which addTo then opens.
	if k, _ := value(body, "whitelist"); k == nil {
		items = append(items, "whitelist: []")
	}
	at := body.Line - 1
	l.all[at] = []byte(head + tail)
	l.insert(at+1, indent(items, column))
	return nil
}

// flow cuts a list or a mapping on one line into its items, what stands before its bracket, and
// what stands behind it.
// ok is false if the bracket does not close on its line.
func (l *lines) flow(n *yaml.Node) (items []string, head, tail string, ok bool) {
	line := string(l.all[n.Line-1])
	from := byteOf(line, n.Column-1)
	// Anything else there, such as an anchor or a tag, is left to the author.
	if from >= len(line) || line[from] != '[' && line[from] != '{' {
		return nil, "", "", false
	}
	depth, start := 0, from+1
	var quote byte
	for i := from; i < len(line); i++ {
		switch c := line[i]; {
		// In double quotes, a backslash hides the next character.
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		// A quote inside a plain text, as in don't, begins nothing.
		case (c == '"' || c == '\'') && strings.IndexByte(" ,[{:", line[i-1]) >= 0:
			quote = c
		case c == '[' || c == '{':
			depth++
		// A comma of an inner list belongs to the item.
		case c == ',' && depth == 1:
			items, start = append(items, strings.TrimSpace(line[start:i])), i+1
		case c == ']' || c == '}':
			if depth--; depth > 0 {
				continue
			}
			// A comma before the bracket leaves no item behind it.
			if last := strings.TrimSpace(line[start:i]); last != "" {
				items = append(items, last)
			}
			return items, strings.TrimRight(line[:from], " "), line[i+1:], true
		}
	}
	return nil, "", "", false // it goes on in another line
}

// byteOf returns the index of the byte of a character.
// YAML counts columns in characters, and a line is bytes.
func byteOf(line string, column int) int {
	at := 0
	for range column {
		if at >= len(line) {
			break
		}
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	return at
}
