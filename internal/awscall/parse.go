package awscall

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A parser makes a touch of the values that a step has read; what it cannot read is a touch of something unknown.
type parser func(ts *Touches, s *step, values []string)

// parserNamed returns the parser that a resource path names.
func parserNamed(name string) parser {
	switch name {
	case "opaque":
		return parseOpaque
	case "path":
		return parsePath
	case "pathed":
		return parsePathed
	case "folded":
		return parseFolded

	// owner.go
	case "account":
		return parseAccount
	case "accounts":
		return parseAccounts
	case "owner":
		return parseOwner

	// version.go
	case "version":
		return parseVersion
	case "versions":
		return parseVersions
	case "objects":
		return parseObjects

	// batch.go
	case "requests":
		return parseRequests

	// s3.go
	case "bucket":
		return parseBucket
	case "copysource":
		return parseCopySource
	case "rename":
		return parseRename
	case "s3uri":
		return parseS3URI

	// messages.go
	case "email":
		return parseEmail
	case "phone":
		return parsePhone
	case "queue":
		return parseQueue

	// secrets.go
	case "key":
		return parseKey
	case "parameter":
		return parseParameter
	case "parameters":
		return parseParameters
	case "secret":
		return parseSecret
	case "instance":
		return parseInstance
	case "ssmresource":
		return parseSSMResource

	// services.go
	case "function":
		return parseFunction
	case "alias":
		return parseAlias
	case "catalog":
		return parseCatalog
	case "loggroup":
		return parseLogGroup
	case "model":
		return parseModel
	case "pool":
		return parsePool
	case "destination":
		return parseDestination
	case "rule":
		return parseRule
	case "revision":
		return parseRevision
	case "zone":
		return parseZone

	// partiql.go
	case "partiql":
		return parsePartiQL
	}
	return nil
}

// parseOpaque is for what cannot be told from the input.
func parseOpaque(ts *Touches, _ *step, _ []string) { ts.unknown() }

// A template makes an ARN of names.
type template struct {
	text              string
	service           string
	noRegion, noOwner bool     // the ARN's region and account are empty
	pieces            []string // of what follows the fifth colon, with a name between each two
}

// newTemplate reads "table/$/index/$": what follows the fifth colon, perhaps behind "service|", ":" for an ARN without a region and "^" for
// one without an account.
//
// Steps of the same template share it.
func newTemplate(service, text string, steps []step) *template {
	for i := range steps {
		if t := steps[i].template; t != nil && t.text == text {
			return t
		}
	}
	t := &template{service: service, text: text}
	if other, rest, ok := strings.Cut(text, "|"); ok {
		t.service, text = other, rest
	}
	text, t.noRegion = strings.CutPrefix(text, ":")
	text, t.noOwner = strings.CutPrefix(text, "^")
	t.pieces = strings.Split(text, "$")
	return t
}

// parseFolded is parseName where the service folds names to lower case in their ARNs, as Glue and SageMaker do: the resource goes by both spellings.
func parseFolded(ts *Touches, s *step, values []string) {
	parseName(ts, s, values)
	t := &ts.List[len(ts.List)-1]
	kind, name, _ := bytes.Cut(t.Resource, []byte("/"))
	if t.State == Known && t.Alias == nil && bytes.ContainsFunc(name, unicode.IsUpper) {
		t.Alias = ts.join(string(kind), "/", strings.ToLower(string(name)))
	}
}

// parseName makes an ARN of plain names, parsePath of names that may have slashes in them. A value that is an ARN already stands for
// itself, or as part of a name for what its last part says.
func parseName(ts *Touches, s *step, values []string) { ts.names(s, values, isName) }
func parsePath(ts *Touches, s *step, values []string) { ts.names(s, values, isPath) }

func (ts *Touches) names(s *step, values []string, valid func(string) bool) {
	last := len(values) - 1
	if isARN(values[last]) {
		ts.arn(values[last])
		return
	}
	at := ts.at
	for i, v := range values[:last] {
		if isARN(v) {
			a, ok := cutARN(v)
			if !ok {
				ts.unknown()
				return
			}
			at = Where{Partition: a.partition, Region: a.region, Account: a.account} // an index is where its table is
			v = v[strings.LastIndexAny(v, "/:")+1:]
			values = slices.Clone(values) // the ARN counts for the rest of a list as well
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
	ts.fill(s.template, values, &at)
}

// parsePathed is parseName with the path that IAM puts before a name as the last value: "/", "/team/".
func parsePathed(ts *Touches, s *step, values []string) {
	dir := strings.Trim(values[1], "/")
	if dir == "" {
		ts.names(s, values[:1], isName)
		return
	}
	ts.names(s, []string{dir + "/" + values[0]}, isPath)
}

// fill adds the ARN of names that have been checked.
func (ts *Touches) fill(t *template, names []string, at *Where) {
	from := len(ts.buf)
	for i, piece := range t.pieces {
		if i > 0 {
			ts.buf = append(ts.buf, names[min(i, len(names))-1]...)
		}
		if piece != "" {
			ts.buf = append(ts.buf, piece...)
		}
	}
	touch := ts.next()
	touch.Partition, touch.Service, touch.Resource = at.Partition, t.service, ts.buf[from:]
	if !t.noRegion {
		touch.Region = at.Region
	}
	if !t.noOwner {
		touch.Account = at.Account
	}
	ts.settle(touch)
}

// put adds a resource of the caller's region and account.
func (ts *Touches) put(service string, pieces ...string) *Touch {
	return ts.add(Touch{Partition: ts.at.Partition, Service: service, Region: ts.at.Region, Account: ts.at.Account, Resource: ts.join(pieces...)})
}

// named begins a touch for a name, in the caller's region and account, or for the ARN of a resource of a kind, which says where it is. Of any other ARN
// ok is false, and it has been added as what it is.
func (ts *Touches) named(text, service, kind string) (t Touch, name string, ok bool) {
	if !isARN(text) {
		return Touch{Partition: ts.at.Partition, Service: service, Region: ts.at.Region, Account: ts.at.Account}, text, true
	}
	a, ok := cutARN(text)
	name, isKind := strings.CutPrefix(a.resource, kind)
	if !ok || !isKind {
		ts.arn(text)
		return t, "", false
	}
	return Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}, name, true
}

// join writes the pieces of a text. Inlined, as it would be at 40 places, it is 11 KB.
//
//go:noinline
func (ts *Touches) join(pieces ...string) []byte {
	from := len(ts.buf)
	for _, p := range pieces {
		ts.buf = append(ts.buf, p...)
	}
	return ts.buf[from:]
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// An arn is an ARN cut at its first five colons.
type arn struct{ partition, service, region, account, resource string }

func cutARN(s string) (a arn, ok bool) {
	rest, ok := strings.CutPrefix(s, "arn:")
	for _, part := range [...]*string{&a.partition, &a.service, &a.region, &a.account} {
		if ok {
			*part, rest, ok = strings.Cut(rest, ":")
		}
	}
	a.resource = rest
	return a, ok && rest != "" && a.partition != "" && a.service != "" && isPlain(s)
}

func parseARN(ts *Touches, s *step, values []string) { ts.arn(values[0]) }

// arn adds what an ARN names; anything else is unknown.
func (ts *Touches) arn(text string) *Touch {
	a, ok := cutARN(text)
	if !ok || (a.service != "s3" && hasDots(a.resource)) {
		ts.unknown()
		return &ts.List[len(ts.List)-1]
	}
	switch {
	case a.service == "logs":
		a.resource = strings.TrimSuffix(a.resource, ":*")
	case strings.HasPrefix(a.service, "s3"):
		a.resource = accessPoint(a.resource)
	}
	t := ts.add(Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account, Resource: ts.join(a.resource)})
	if t.Alias == nil {
		ts.alias(t, a.resource)
	}
	return t
}

// alias gives a touch the other name that its resource goes by: a secret without its random suffix, a topic for a subscription, a log
// group for what is in it and the other way round, a family for a revision of it.
func (ts *Touches) alias(t *Touch, resource string) {
	switch t.Service {
	case "secretsmanager":
		if name := CutSuffix(resource); name != "" {
			t.Alias = ts.join(name)
		} else {
			t.Alias = ts.join(resource, suffix) // its random end may be left out
		}
	case "sns":
		if topic, _, ok := strings.Cut(resource, ":"); ok {
			t.Alias = ts.join(topic)
		}
	case "logs":
		if group, isGroup := strings.CutPrefix(resource, "log-group:"); isGroup {
			name, _, _ := strings.Cut(group, ":log-stream:")
			if t.Alias = ts.join("log-group:", name); name == group {
				t.Alias = ts.join("log-group:", name, ":")
			}
		}
	case "ecs", "batch":
		if name, _, ok := strings.Cut(resource, ":"); ok && (strings.HasPrefix(name, "task-definition/") || strings.HasPrefix(name, "job-definition/")) {
			t.Alias = ts.join(name)
		}
	}
}

// relative adds what follows the fifth colon of an ARN of the operation's service, in the caller's region and account.
func (ts *Touches) relative(text string) {
	switch {
	case strings.TrimSpace(text) == "" || !isPlain(text):
		ts.unknown()
	case ts.op.Service == "s3":
		ts.add(Touch{Partition: ts.at.Partition, Service: "s3", Resource: ts.join(text)})
	default:
		ts.alias(ts.put(ts.op.Service, text), text)
	}
}

// isPlain reports whether s has no control characters, blanks or bytes that are no UTF-8, which no ARN has outside an object key.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7F {
			return false
		}
	}
	return utf8.ValidString(s)
}

// isName reports whether s can be one segment of an ARN and nothing else.
func isName(s string) bool {
	dot := false
	for i := range len(s) {
		c := s[i]
		if notInName[c] || (dot && c == '.') {
			return false
		}
		dot = c == '.'
	}
	return s != "" && s != "."
}

// notInName are the bytes that no name has: control characters, what separates or stands for something in an ARN, a path or a URL, and Any.
var notInName = [256]bool{
	0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 11: true, 12: true, 13: true, 14: true, 15: true,
	16: true, 17: true, 18: true, 19: true, 20: true, 21: true, 22: true, 23: true, 24: true, 25: true, 26: true, 27: true, 28: true, 29: true, 30: true,
	31: true, 127: true, '/': true, ':': true, '*': true, '?': true, '%': true, '#': true, '\\': true, '@': true, Any: true,
}

// isPath reports whether s can be part of an ARN, slashes included, without meaning another resource.
func isPath(s string) bool {
	return s != "" && isPlain(s) && !hasDots(s) && !strings.ContainsAny(s, "*?:")
}

// hasDots reports whether a segment of s is "." or "..".
func hasDots(s string) bool {
	for seg := range strings.SplitSeq(s, "/") {
		if seg == "." || seg == ".." {
			return true
		}
	}
	return false
}

// IsAccount reports whether s can be the id of an account.
func IsAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isWord reports whether s has nothing but letters, digits, "-", "_" and "$".
func isWord(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '$':
		default:
			return false
		}
	}
	return s != ""
}
