package addentries

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// depth returns the indentation of a line; blank reports a line without any text.
func depth(line []byte) (n int, blank bool) {
	text := bytes.TrimLeft(line, " ")
	return len(line) - len(text), len(bytes.TrimSpace(text)) == 0
}

// end returns the index of the line after what belongs to a key: the last line that is deeper than
// the key. Line and column are from 1.
// Comments that are deeper belong to the key, those at its own depth to the next.
func (l *lines) end(line, column int) int {
	last := line
	for i := line; i < len(l.all); i++ {
		n, blank := depth(l.all[i])
		switch {
		// Blank lines count only if something deeper follows.
		case blank:
		case n < column:
			return last
		default:
			last = i + 1
		}
	}
	return last
}

// endOfList returns the index of the line after the last item of a list, and after the comments
// that follow directly at the list's indentation. dash is the column of its dashes, and key that of
// its key, from 0.
func (l *lines) endOfList(list *yaml.Node, dash, key int) int {
	first := list.Content[len(list.Content)-1].Line - 1 // of the last item, or of its first key
	// What is deeper than the dash belongs to an item: further keys, and lines of a long text.
	last := first + 1
	for i := last; i < len(l.all); i++ {
		n, blank := depth(l.all[i])
		if blank {
			continue
		}
		if n <= dash {
			break
		}
		last = i + 1
	}
	// A list may be as deep as its key. A comment there may be about the next key, and is not
	// taken.
	for last < len(l.all) && dash > key {
		n, _ := depth(l.all[last])
		if n != dash || l.all[last][n] != '#' {
			break
		}
		last++
	}
	return last
}
