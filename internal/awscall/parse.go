package awscall

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
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
