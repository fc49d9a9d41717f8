package pattern

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/report"
)

var update = flag.Bool("update", false, "write the results in the golden files anew")

// golden runs each line of a file of testdata, and compares what comes of it with the indented
// lines below. The words of a line may be quoted. Comments begin with #.
func golden(t *testing.T, name string, run func(words []string) []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	var got strings.Builder
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		got.WriteString(line)
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		for _, result := range run(split(t, line)) {
			got.WriteString("\t" + result + "\n")
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/"+name, []byte(got.String()), 0o644))
		return
	}
	assert.Equal(t, string(data), got.String(), "if the change is meant: go test ./internal/pattern -update")
	assert.Greater(t, n, 10)
}

// split returns the words of a line, without their quotes.
func split(t *testing.T, line string) (words []string) {
	t.Helper()
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			require.NoError(t, err, line)
			rest = line[len(quoted):]
			word, err = strconv.Unquote(quoted)
			require.NoError(t, err, line)
		}
		words, line = append(words, word), rest
	}
	return words
}

func modeOf(word string) Mode { return map[string]Mode{"narrow": Narrow, "wide": Wide}[word] }

// parse parses a subject as the table of kinds does.
func parse(kind string, m Mode, text string) (Pattern, error) {
	switch kind {
	case "http":
		p, err := ParseHTTP(text, m)
		return &p, err
	case "net":
		p, err := ParseNet(text, m)
		return &p, err
	case "ip":
		p, err := ParseIP(text)
		return &p, err
	case "aws":
		p, err := ParseAWS(text, m)
		return &p, err
	case "unlisted":
		p, err := ParseUnlistedAWS(text, m)
		return &p, err
	}
	return nil, fmt.Errorf("%q is not a kind", kind)
}

// fields shows what was parsed.
func fields(p Pattern) string {
	port := func(n int) string {
		if n == AnyPort {
			return "any"
		}
		return strconv.Itoa(n)
	}
	switch p := p.(type) {
	case *HTTP:
		return fmt.Sprintf("%s: scheme %q host %q addr %v port %s path %q wide %t", p, p.Scheme, p.Host, p.Addr, port(p.Port), p.Path, p.Wide)
	case *Net:
		return fmt.Sprintf("%s: host %q prefix %v port %s", p, p.Host, p.Prefix, port(p.Port))
	case *IP:
		return fmt.Sprintf("%s: %v of %d", p, p.Ranges[:min(len(p.Ranges), 6)], len(p.Ranges))
	case *AWS:
		return fmt.Sprintf("%s: service %q operation %q unlisted %t declared %t", p, p.Service, p.Operation, p.Unlisted, p.Declared)
	}
	return fmt.Sprintf("%T", p)
}

// Each line is a kind, a mode and a subject. Shown are its fields, and what is doubtful about it.
func TestSubjects(t *testing.T) {
	golden(t, "subjects.txt", func(w []string) []string {
		m := modeOf(w[1])
		p, err := parse(w[0], m, w[2])
		if err != nil {
			return []string{"error: " + err.Error()}
		}
		out := []string{fields(p)}
		Doubts(p, w[2], m, func(dead bool, p *report.Problem) {
			out = append(out, fmt.Sprintf("%s: %s", map[bool]string{true: "dead", false: "doubt"}[dead], p.Error()))
		})
		if below := Below(p, w[2], func(Pattern) bool { return false }); below != nil {
			out = append(out, "below: "+below.Error())
		}
		if Local(p) {
			out = append(out, "local")
		}
		if NamesAWSHost(p) {
			out = append(out, "a host of AWS")
		}
		if a, ok := p.(*AWS); ok && Resourceless(*a) {
			out = append(out, "takes no resource")
		}
		if kind := w[0]; kind != "aws" && kind != "unlisted" { // the normal form parses again to an equal pattern
			again, err := parse(kind, m, p.String())
			if err != nil || fields(again) != fields(p) {
				out = append(out, "AGAIN: "+fields(again))
			}
		}
		return out
	})
}

// Each line is a mode, the subjects of an aws: rule with commas between them, and a resource.
func TestResources(t *testing.T) {
	golden(t, "resources.txt", func(w []string) []string {
		var subject []AWS
		for text := range strings.SplitSeq(w[1], ",") {
			if text == "none" {
				continue
			}
			p, err := ParseAWS(text, Wide)
			require.NoError(t, err)
			subject = append(subject, p)
		}
		p, certain := WrongResource(subject, w[2], modeOf(w[0]))
		bucket := BucketAlone(subject, w[2])
		switch {
		case p == nil && bucket != nil:
			return []string{"bucket: " + bucket.Error()}
		case p == nil && certain:
			return []string{"CERTAIN OF NOTHING"}
		case p == nil:
			return []string{"may match"}
		case certain:
			return []string{"never: " + p.Error()}
		}
		return []string{"doubt: " + p.Error()}
	})
}

// Each line is region, account, slip, globs or network, and a text.
func TestTexts(t *testing.T) {
	say := func(p *report.Problem, certain bool) []string {
		switch {
		case p == nil:
			return []string{"fine"}
		case certain:
			return []string{"wrong: " + p.Error()}
		}
		return []string{"doubt: " + p.Error()}
	}
	golden(t, "texts.txt", func(w []string) []string {
		switch w[0] {
		case "region":
			return say(WrongRegion(w[1]))
		case "account":
			return say(WrongAccount(w[1]), true)
		case "globs":
			return say(Globs(w[1], "*"), true)
		case "slip":
			meant, p := Slip(w[1])
			return append(say(p, true), fmt.Sprintf("meant: %q", meant))
		case "network":
			return []string{fmt.Sprint(Network(w[1]))}
		case "arn":
			return []string{CompleteARN(w[1])}
		case "caller":
			_, p := ParseCaller(w[1])
			return say(p, true)
		}
		return []string{"UNKNOWN"}
	})
}

// Each line is a kind, a mode and two subjects. Shown is which of them covers the other, and
// whether they overlap, which is the same both ways.
func TestPairs(t *testing.T) {
	golden(t, "pairs.txt", func(w []string) []string {
		m := modeOf(w[1])
		p, err := parse(w[0], m, w[2])
		require.NoError(t, err)
		other := w[0]
		text := w[3]
		if kind, rest, ok := strings.Cut(text, "="); ok {
			other, text = kind, rest
		}
		q, err := parse(other, m, text)
		require.NoError(t, err)
		var out []string
		if AnyCovers([]Pattern{p}, q) {
			out = append(out, "covers it")
		}
		if AnyCovers([]Pattern{q}, p) {
			out = append(out, "is covered")
		}
		require.Equal(t, Overlaps(p, q), Overlaps(q, p), "%v", w)
		if Overlaps(p, q) {
			return []string{strings.Join(append(out, "overlaps"), ", ")}
		}
		return []string{strings.Join(append(out, "apart"), ", ")}
	})
}

// Each line is a pattern of callers and import paths. Shown is each that matches; m: its modules.
func TestCallers(t *testing.T) {
	golden(t, "callers.txt", func(w []string) []string {
		c, p := ParseCaller(w[0])
		require.Nil(t, p)
		require.Equal(t, w[0], c.String())
		var out []string
		for _, path := range w[1:] {
			plain, main := strings.CutPrefix(path, "main=")
			result := path + ":"
			if c.Match(plain, main) {
				result += " matches"
			}
			if c.MayMatchIn(plain) {
				result += " may match in it"
			}
			out = append(out, result)
		}
		return out
	})
}
