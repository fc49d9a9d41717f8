package awscall

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// A template makes an ARN of names.
// "table/$/index/$" has three pieces around two names.
type template struct {
	text              string
	service           string
	noRegion, noOwner bool     // the ARN's region and account are empty
	vague             bool     // beside names, it has a * for a part that the input does not show
	pieces            []string // of what follows the fifth colon, with a name between each two
}

// newTemplate reads what follows the fifth colon of an ARN, with a $ for each name:
// "table/$/index/$". Before it may stand "service|", ":" for an ARN without a region and "^" for
// one without an account. Steps with the same text share a template.
func newTemplate(service, text string, steps []step) *template {
	for i := range steps {
		if t := steps[i].template; t != nil && t.text == text {
			return t
		}
	}
	t := &template{service: service, text: text}
	// "kms|key/$" is a resource of another service.
	if other, rest, ok := strings.Cut(text, "|"); ok {
		t.service, text = other, rest
	}
	text, t.noRegion = strings.CutPrefix(text, ":")
	text, t.noOwner = strings.CutPrefix(text, "^")
	t.pieces = strings.Split(text, "$")
	// A star without a name is a kind that the operation makes: see Made.
	t.vague = len(t.pieces) > 1 && strings.Contains(text, "*")
	return t
}

// parseName makes an ARN of plain names, and parsePath of names that may have slashes in them. If
// the last value is an ARN already, it stands for itself. If an earlier one is, its last part is
// the name, and its region and account hold for the whole.
func parseName(ts *Touches, s *step, values []string) { ts.names(s, values, isName) }
func parsePath(ts *Touches, s *step, values []string) { ts.names(s, values, isPath) }

// names checks each value and fills the template. valid decides which characters a name may have.
func (ts *Touches) names(s *step, values []string, valid func(string) bool) {
	last := len(values) - 1
	if isARN(values[last]) {
		ts.arn(values[last])
		return
	}
	at, elsewhere := ts.at, Where{}
	for i, v := range values[:last] {
		// An index may be given with its table's ARN.
		if isARN(v) {
			a, ok := cutARN(v)
			if !ok {
				ts.unknown()
				return
			}
			elsewhere = Where{Partition: a.partition, Region: a.region, Account: a.account}
			at = &elsewhere // an index is where its table is
			v = v[strings.LastIndexAny(v, "/:")+1:]
			values = slices.Clone(values) // the ARN also counts for the rest of a list
			values[i] = v
		}
		if !valid(v) {
			ts.unknown()
			return
		}
	}
	if !valid(values[last]) {
		ts.unknown()
		return
	}
	ts.fill(s.template, values, at)
}

// parseFolded is parseName for services that fold names to lower case in their ARNs, as Glue and
// SageMaker do. The resource goes by both spellings.
func parseFolded(ts *Touches, s *step, values []string) {
	parseName(ts, s, values)
	// The kind before the first separator is never folded.
	t := &ts.List[len(ts.List)-1]
	kind := bytes.IndexAny(t.Resource, "/:") + 1
	if t.State == Known && t.Alias == nil && bytes.ContainsFunc(t.Resource[kind:], unicode.IsUpper) {
		t.Alias = ts.join(string(t.Resource[:kind]), strings.ToLower(string(t.Resource[kind:])))
	}
}

// parseFamily is parseName for names behind a family of services ("RDS"), which the ARN has in
// lower case.
func parseFamily(ts *Touches, s *step, values []string) {
	values[0] = strings.ToLower(values[0])
	parseName(ts, s, values)
}

// parsePathed is parseName for a name and the path that IAM puts before it, "/" or "/team/".
// IAM's path has slashes at both ends.
func parsePathed(ts *Touches, s *step, values []string) {
	dir := strings.Trim(values[1], "/")
	if dir == "" {
		ts.names(s, values[:1], isName)
		return
	}
	ts.names(s, []string{dir + "/" + values[0]}, isPath)
}

// parseWithin is parseName for a name before what it is in, so that an entry with the name alone
// counts only without the other.
func parseWithin(ts *Touches, s *step, values []string) {
	ts.names(s, []string{values[1], values[0]}, isName)
}

// fill adds the ARN of names that have been checked.
func (ts *Touches) fill(t *template, names []string, at *Where) {
	// The text goes into the shared buffer, so that nothing is allocated.
	buf, from := ts.buf, len(ts.buf)
	for i, piece := range t.pieces {
		if i > 0 {
			buf = append(buf, names[min(i, len(names))-1]...)
		}
		if piece != "" {
			buf = append(buf, piece...)
		}
	}
	if ts.op.Name == "ListStreams" && ts.op.Service == "dynamodb" {
		buf = append(buf, "/stream/*"...) // of a table, all of them
	}
	ts.buf = buf
	touch := ts.next()
	touch.Partition, touch.Service, touch.Resource = at.Partition, t.service, buf[from:]
	// Without a name in it, the operation has made the resource.
	touch.Vague, touch.Made = t.vague, len(t.pieces) == 1
	if !t.noRegion {
		touch.Region = at.Region
	}
	if !t.noOwner {
		touch.Account = at.Account
	}
	// settle may merge the touch, and the resource is needed after it.
	resource := touch.Resource
	if touch = ts.settle(touch); t.service == "apigateway" && len(names) > 0 && touch.Alias == nil && !strings.HasSuffix(ts.op.Name, "Api") {
		touch.Alias = ts.join(string(resource), "/") // most operations are on something below the API
	}
}

// put adds a resource of the caller's region and account.
func (ts *Touches) put(service string, pieces ...string) *Touch {
	return ts.add(Touch{
		Partition: ts.at.Partition, Service: service, Region: ts.at.Region, Account: ts.at.Account,
		Resource: ts.join(pieces...),
	})
}

// named begins a touch for a name, in the caller's region and account, or for the ARN of a resource
// of a kind, in the ARN's. It reports false for any other ARN, and has then added it as what it is.
func (ts *Touches) named(text, service, kind string) (t Touch, name string, ok bool) {
	if !isARN(text) {
		t = Touch{Partition: ts.at.Partition, Service: service, Region: ts.at.Region, Account: ts.at.Account}
		return t, text, true
	}
	// An ARN of another kind is added as what it is.
	a, ok := cutARN(text)
	name, isKind := strings.CutPrefix(a.resource, kind)
	if !ok || !isKind {
		ts.arn(text)
		return t, "", false
	}
	return Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}, name, true
}

// join writes the pieces of a text. Inlined, as it would be in 40 places, it takes 11 KB.
//
//go:noinline
func (ts *Touches) join(pieces ...string) []byte {
	from := len(ts.buf)
	for _, p := range pieces {
		ts.buf = append(ts.buf, p...)
	}
	return ts.buf[from:]
}
