package policy

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/ruleindex"
	"github.com/outguard/outguard/internal/textclasses"
)

// What stands for unknown text in an [Unknown].
const (
	Hole = "\x00" // a piece of a path's segment, or of a resource, without a slash; not empty
	Rest = "\x01" // the end of a text, of any length
)

// An Unknown is a call with pieces that are not known, such as those that a log masks.
type Unknown struct {
	// Of a request. The path may have Hole and Rest.
	Method, URL string
	// Of an AWS call; "" in URL. Its Resources may have Hole and Rest after their fifth colon.
	AWS AWSCall
}

// A Possible is what a policy says of an Unknown, if the unknown pieces are as in Text.
type Possible struct {
	Side
	Call Call
	Text string // the call, as outguard check takes it
}

// Possible returns the verdicts that an Unknown may have, the strictest first, each with the rule
// that decides and one call. If there is one, the verdict does not depend on what is unknown. exact
// is false if there may be more: where too many texts would have to be judged, and of a request to
// a host of AWS, whose path says what the call is about. Without any, the request cannot be made.
func (d *Differ) Possible(p *Policy, u Unknown) (all []Possible, exact bool) {
	// The space of one policy: what its rules distinguish.
	s := newSpace(p)
	f := &filler{policy: p, left: cmp.Or(d.Limit, diffLimit), exact: true, found: map[deciding]bool{}}
	if u.URL != "" {
		f.request(s, u)
	} else {
		f.operation(s, u.AWS, nil)
	}
	// Strict ones first: the worst case is what a reader looks for.
	slices.SortStableFunc(f.all, func(a, b Possible) int { return cmp.Compare(a.Verdict, b.Verdict) })
	return f.all, f.exact
}

// A filler judges the calls that an Unknown may be.
type filler struct {
	policy *Policy
	left   int // calls that may still be judged
	exact  bool
	found  map[deciding]bool
	all    []Possible
}

// request tries a request with one path of each kind.
func (f *filler) request(s *space, u Unknown) {
	scheme, rest, _ := strings.Cut(u.URL, "://")
	authority, path, _ := strings.Cut(rest, "/")
	// Only the path may be unknown. Host and method are known.
	host := hostOf(authority)
	if awsname.MayBeEndpoint(host) {
		f.exact = false
	}
	// Each pattern once, by its text and its mode.
	seen := map[bool]map[string]bool{false: {}, true: {}} // by the pattern's mode
	var patterns []textclasses.Pattern
	for _, p := range s.http {
		if p.Path != "" && !seen[p.Wide][p.Path] && isAt(p, host) {
			seen[p.Wide][p.Path] = true
			patterns = append(patterns, textclasses.PathPattern(p.Path, p.Wide))
		}
	}
	for _, text := range f.texts(textclasses.Paths(), patterns, "/"+path) {
		to := scheme + "://" + authority + text
		// The text is not a URL: a hole in the wrong place.
		r, err := http.NewRequest(u.Method, to, nil)
		if err != nil {
			f.exact = false
			continue
		}
		if !f.try(Call{HTTP: r, Via: ViaTransport}, u.Method+" "+to) {
			return
		}
	}
}

// hostOf returns the host of an authority, without brackets.
func hostOf(authority string) string {
	u, err := url.Parse("//" + authority)
	if err != nil {
		return authority
	}
	return strings.ToLower(u.Hostname())
}

// isAt reports whether a pattern may match a host.
func isAt(p *pattern.HTTP, host string) bool {
	// Addresses have no patterns but "*".
	if addr, err := netip.ParseAddr(host); err == nil {
		return p.Addr == addr || p.Host == "*"
	}
	if p.Host == "" {
		return false
	}
	// An index of one host, to match exactly as the engine does.
	hosts := ruleindex.NewHosts(1)
	hosts.Add(p.Host, 0)
	hosts.Done()
	found := hosts.Find(host)
	_, ok := found.Next()
	return ok || p.Host == "*"
}

// operation tries the call with one resource of each kind in place of each that is not known.
func (f *filler) operation(s *space, c AWSCall, known []string) bool {
	// All are known: the call can be judged.
	if len(known) == len(c.Resources) {
		text := strings.Join(append([]string{c.Service + ":" + c.Operation}, known...), " ")
		c.Resources = known
		return f.try(Call{AWS: c, Via: ViaSDK}, text)
	}
	// One after another, so that each combination is tried.
	next := c.Resources[len(known)]
	if !strings.ContainsAny(next, Hole+Rest) {
		return f.operation(s, c, append(slices.Clip(known), next))
	}
	arn, resource := cutResource(next)
	patterns := resourcePatterns(c.Service, s.rulesOf(c.Service))
	texts := textclasses.Texts()
	// In a resource, a Hole stops at a slash.
	texts.Separator = '/'
	for _, text := range f.texts(texts, patterns, resource) {
		if !f.operation(s, c, append(slices.Clip(known), arn+text)) {
			return false
		}
	}
	return true
}

// cutResource cuts an ARN after its fifth colon.
func cutResource(text string) (arn, resource string) {
	parts := strings.SplitAfterN(text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn:" {
		return "", text
	}
	return strings.Join(parts[:5], ""), parts[5]
}

// texts returns one text of each kind that the patterns distinguish among those of the given form.
func (f *filler) texts(l textclasses.Language, patterns []textclasses.Pattern, form string) (texts []string) {
	// The form is one more pattern: its classes have exactly the texts of the form.
	self := len(patterns)
	divided, whole := textclasses.Divide(l, append(patterns, holePattern(form)), divisionLimit)
	f.exact = f.exact && whole
	for _, class := range divided {
		if slices.Contains(class.Matches, self) {
			texts = append(texts, class.Text)
		}
	}
	if len(texts) == 0 { // what is known of the text is not in the language
		f.exact = false
		texts = []string{strings.NewReplacer(Hole, "x", Rest, "x").Replace(form)}
	}
	return texts
}

// holePattern is the pattern of a text with unknown pieces.
func holePattern(form string) textclasses.Pattern {
	var parts []textclasses.Part
	for i := range len(form) {
		switch form[i : i+1] {
		case Hole:
			// One or more bytes, but no slash.
			parts = append(parts, textclasses.One, textclasses.Run)
		case Rest:
			parts = append(parts, textclasses.RunAny)
		default:
			parts = append(parts, textclasses.Literal(form[i:i+1])...)
		}
	}
	return textclasses.Pattern{parts}
}

// try judges a call. It returns false when no more calls may be judged.
func (f *filler) try(c Call, text string) bool {
	if f.left--; f.left < 0 {
		f.exact = false
		return false
	}
	d := f.policy.Decide(c)
	// One call for each way in which it can be decided.
	key := decidingOf(&d)
	if !f.found[key] {
		f.found[key] = true
		f.all = append(f.all, Possible{f.policy.side(&d, key), c, text})
	}
	return true
}
