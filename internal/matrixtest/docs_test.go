package matrixtest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What stands between the marks in a document is generated.
const (
	openMark  = "<!-- matrix: written by go test -C internal/matrixtest . -update -->\n"
	closeMark = "<!-- /matrix -->\n"
)

// document compares the documents with what came of the cells, or writes them.
func document(t *testing.T, filled [][]cell) {
	for path, text := range map[string]string{
		"../../docs/coverage.md": tables(filled) + sums(filled),
		"../../README.md":        sums(filled),
		"../../SECURITY.md":      lists(filled),
	} {
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		before, rest, ok := strings.Cut(string(file), openMark)
		require.True(t, ok, "%s has no mark", path)
		has, after, ok := strings.Cut(rest, closeMark)
		require.True(t, ok, "%s has no mark", path)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(before+openMark+text+closeMark+after), 0o644))
			continue
		}
		assert.Equal(t, text, has, "%s; go test -C internal/matrixtest . -update rewrites it", path)
	}
}

// tables has a table for each group, and what misses its aim.
func tables(filled [][]cell) string {
	var b, missed strings.Builder
	n := 0
	for _, g := range groups {
		fmt.Fprintf(&b, "\n| %s", g.name)
		for _, c := range columns {
			b.WriteString(" | " + c.name)
		}
		b.WriteString(" |\n|" + strings.Repeat("---|", len(columns)+1) + "\n")
		for _, r := range g.rows {
			b.WriteString("| " + r.name)
			for i := range columns {
				word := filled[i][n].word()
				if why, ok := misses[i][r.name]; ok {
					word = "**" + word + "**"
					missed.WriteString(wrap("* "+r.name+", "+columns[i].name+": "+why, "  "))
				}
				b.WriteString(" | " + word)
			}
			b.WriteString(" |\n")
			n++
		}
	}
	if missed.Len() == 0 {
		missed.WriteString("No cell misses the aim of its column.\n")
	} else {
		b.WriteString("\nCells in bold miss the aim of their column:\n\n")
	}
	return b.String() + missed.String()
}

// sums counts the cells of each column.
func sums(filled [][]cell) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n| %d ways to call out | refused | reported only | not seen | allowed calls that fail |\n", len(filled[nothing]))
	b.WriteString("|---|---|---|---|---|\n")
	for i, c := range columns {
		words, fails := map[string]int{}, 0
		for n := range filled[i] {
			words[filled[i][n].verdict()]++
			if filled[i][n].fails {
				fails++
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n",
			c.long, words[refusedWord], words[reportedWord], words[unseenWord], fails)
	}
	return b.String() + "\n"
}

// lists names what each column does not refuse.
func lists(filled [][]cell) string {
	var b strings.Builder
	all := rows()
	for i, c := range columns {
		if i == nothing {
			continue
		}
		for _, verdict := range []string{reportedWord, unseenWord} {
			var names []string
			for n := range all {
				if filled[i][n].verdict() == verdict {
					names = append(names, all[n].name)
				}
			}
			if names != nil {
				b.WriteString("\n" + wrap(fmt.Sprintf("* **%s**, %s: %s", c.long, verdict, strings.Join(names, "; ")), "  "))
			}
		}
	}
	return strings.ReplaceAll(b.String(), "\n\n*", "\n*") + "\n"
}

// wrap breaks a paragraph into lines of at most 100 columns.
func wrap(text, indent string) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case width+1+len(word) > 100:
			b.WriteString("\n" + indent)
			width = len(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += len(word)
	}
	return b.String() + "\n"
}
