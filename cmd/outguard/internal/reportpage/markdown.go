package reportpage

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxMarkdownRows is how many rows a table has at most: a comment on GitHub has 65,536 characters.
const maxMarkdownRows = 20

// Markdown writes the summary for a pull request.
func (s *Summary) Markdown(w io.Writer, title string) error {
	var b strings.Builder
	// The title may be a name from a log or a file, and is a code span, too.
	fmt.Fprintf(&b, "### %s\n\n", span(title))
	// One line sums it up, since many readers see only the beginning of a comment.
	fmt.Fprintf(&b, "%s to %s UTC: %s allowed, %s logged, %s alerted, %s blocked, %s otherwise by the next policy.\n",
		minute(s.First), minute(s.Last), number(s.Calls.Allowed), number(s.Calls.Logged), number(s.Calls.Alerted), number(s.Calls.Blocked), number(s.Calls.Next))
	if s.Missing > 0 {
		verb := "are"
		if s.Missing == 1 {
			verb = "is"
		}
		fmt.Fprintf(&b, "%s %s counted in the log but not named.\n", count(s.Missing, "more call"), verb)
	}
	b.WriteString("\n| Function | Destinations | Allowed | Logged | Alerted | Blocked | Next |\n|---|--:|--:|--:|--:|--:|--:|\n")
	// The order is that of the summary, the most important first, so that a cut loses little.
	for i, f := range s.Functions {
		if i == maxMarkdownRows {
			fmt.Fprintf(&b, "| and %s more | | | | | | |\n", number(len(s.Functions)-i))
			break
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", span(place(f.Name, f.Stage)), number(len(f.Destinations)),
			number(f.Allowed), number(f.Logged), number(f.Alerted), number(f.Blocked), number(f.Next))
	}
	// A table without rows would look like a mistake.
	if len(s.Violations) > 0 {
		b.WriteString("\n**Violations**\n\n| Call | Function | Rule | Caller | Calls |\n|---|---|---|---|--:|\n")
		for i, v := range s.Violations {
			if i == maxMarkdownRows {
				// The summary itself may have left some out (More), which count too.
				fmt.Fprintf(&b, "| and %s more kinds | | | | |\n", number(len(s.Violations)-i+s.More))
				break
			}
			// One caller is enough here; the page has more.
			caller := "-"
			if len(v.Callers) > 0 {
				caller = span(v.Callers[0])
			}
			// Everything in a row but the numbers may be text of a log, hence span.
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", span(v.Text), span(place(v.Function, v.Stage)), span(v.Rule), caller, number(v.Broke()))
		}
	}
	// Without -policy, nothing is known of rules.
	if p := s.Policy; p != nil {
		fmt.Fprintf(&b, "\n**Rules of %s**: %s of %s used (%d %%).\n", span(p.File), number(p.Used), number(p.Rules), p.Covered())
		// Unused rules are candidates for deletion, so that each has its place.
		for i, r := range p.Unused {
			// The heading is written only if something follows.
			if i == 0 {
				b.WriteString("\nNot used:\n\n")
			}
			if i == maxMarkdownRows {
				fmt.Fprintf(&b, "* and %s more\n", number(len(p.Unused)-i))
				break
			}
			fmt.Fprintf(&b, "* %s %s\n", span(r.Place), span(r.Text))
		}
	}
	// The text is bounded, so that it is made as a whole and written at once.
	_, err := io.WriteString(w, b.String())
	return err
}

// place writes a function and its stage, as policytest files do.
func place(function, stage string) string {
	if stage == "" {
		return function
	}
	return function + "@" + stage
}

// maxSpan is how many characters of a text a table shows.
const maxSpan = 160

// span writes a text as a code span, in which only its own end and a column's end have a meaning.
func span(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '`':
			// A backquote would end the span.
			return '\''
		// Line breaks would end the row.
		case !unicode.IsPrint(c):
			return '\uFFFD'
		}
		return c
	}, s)
	// By characters, so that none is cut in half.
	if short := []rune(s); len(short) > maxSpan {
		s = string(short[:maxSpan-1]) + "…"
	}
	// An empty code span would show its backquotes.
	if strings.TrimSpace(s) == "" {
		return "-"
	}
	// GitHub reads | as the end of a column even in a code span, unless a backslash is before it.
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}
