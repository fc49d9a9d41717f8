package reportpage

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"time"
)

// pageText is the template with all of its styles, so that the page is one file.
//
//go:embed page.html
var pageText string

// The template is parsed when the program starts. An error in it is a mistake in this package.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": number, "day": day, "minute": minute, "bars": bars, "chunks": chunks, "columns": columns, "few": few, "share": share,
	"count": count, "callers": callers, "next": func(i int) int { return i + 1 },
}).Parse(pageText))

// HTML writes the summary as one page that needs no network and no scripts. title is shown above.
func (s *Summary) HTML(w io.Writer, title string) error {
	return page.Execute(w, struct {
		*Summary
		Title string
	}{s, title})
}

// number writes a number with a comma between thousands.
// A minus sign gets no comma behind it.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes a number of things.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// day returns a date, and "-" for no time.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}

// minute returns a time to the minute, and "-" for no time.
func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// A bar is a part of a bar: its class and its width or height in percent.
type bar struct {
	Class   string
	Percent string
}

// bars divides the calls by verdict, as shares of most calls. A share that would not be seen is
// drawn a little wider.
// The order is that of the legend, from the mildest to the strictest.
func bars(v Verdicts, most int) (all []bar) {
	for _, part := range [...]struct {
		class string
		n     int
	}{{"allowed", v.Allowed}, {"logged", v.Logged}, {"alerted", v.Alerted}, {"blocked", v.Blocked}} {
		if part.n > 0 && most > 0 {
			all = append(all, bar{part.class, percent(part.n, most)})
		}
	}
	// Lines about a next policy alone have no verdict of the present one.
	if v.Total() == 0 && v.Next > 0 {
		all = append(all, bar{"next", percent(v.Next, max(most, v.Next))})
	}
	return all
}

// percent has a point, as CSS wants it, and is at least half a percent, so that a bar can be seen.
func percent(n, of int) string {
	return strconv.FormatFloat(max(100*float64(n)/float64(of), 0.5), 'f', 1, 64)
}

// share says what part of the calls broke the policy.
func share(v Verdicts) string {
	if v.Total() == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(v.Broke())/float64(v.Total()))
}

// Bounds on the page: browsers lay out some ten thousand rows without delay.
// Beyond them, rows are counted and not drawn.
const (
	firstRows        = 25
	chunkRows        = 500
	maxRows          = 5_000
	maxRowsOfPage    = 20_000
	maxCallsOnPage   = 20 // of a destination
	maxTimelineLines = moments + 2
)

// A chunk is a part of the destinations of a function. The first is open.
type chunk struct {
	Label string
	Rows  []Destination
	Most  int // calls of the most frequent destination
	Left  int // destinations that are not on the page
}

// chunks divides destinations so that a page stays usable. functions is how many functions share
// the page.
func chunks(all []Destination, functions int) (parts []chunk) {
	if len(all) == 0 {
		return nil
	}
	// Bars of all chunks have one scale.
	most := 1
	for i := range all {
		most = max(most, all[i].Total())
	}
	// With many functions, each one has fewer rows. The first rows are there in any case.
	limit := min(maxRows, max(firstRows, maxRowsOfPage/max(functions, 1)))
	left := max(len(all)-limit, 0)
	shown := all[:len(all)-left]
	for i := 0; i < len(shown); {
		n := chunkRows
		// A short list is not cut: unfolding it would take longer than reading it.
		if i == 0 {
			n = firstRows
			if len(shown) <= 2*firstRows {
				n = len(shown)
			}
		}
		end := min(i+n, len(shown))
		parts = append(parts, chunk{Label: fmt.Sprintf("%s to %s", number(i+1), number(end)), Rows: shown[i:end], Most: most})
		i = end
	}
	// What is left belongs to the last chunk, which is where a reader would look for it.
	parts[len(parts)-1].Left = left
	return parts
}

// A head is the head of a list, and how many follow.
type head[T any] struct {
	Shown []T
	Left  int
}

// few cuts the calls of a destination, as the template wants them.
func few(all []Call) head[Call] { return headOf(all, maxCallsOnPage) }

// callers cuts a list of packages: three of them show what kind of code it is.
func callers(all []string) head[string] { return headOf(all, 3) }

// headOf cuts a list after most items.
func headOf[T any](all []T, most int) head[T] {
	n := min(len(all), most)
	return head[T]{all[:n], len(all) - n}
}

// A column is a moment of the timeline.
type column struct {
	Moment
	Bars []bar
}

// columns returns the timeline with heights in percent of the highest.
// At least 1, so that nothing is divided by zero.
func columns(all []Moment) (out []column) {
	most := 1
	for _, m := range all {
		most = max(most, m.Total())
	}
	for _, m := range all[:min(len(all), maxTimelineLines)] {
		out = append(out, column{m, bars(m.Verdicts, most)})
	}
	return out
}
