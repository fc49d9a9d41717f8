package awscall

import (
	"net/url"
	"strings"
)

// A parser makes a touch of the values that a step has read; what it cannot read is a touch of something unknown.
type parser func(ts *Touches, s *step, values []string)

var parsers = map[string]parser{
	"bucket":     parseBucket,
	"copysource": parseCopySource,
	"s3uri":      parseS3URI,
	"queue":      parseQueue,
	"function":   parseFunction,
	"phone":      parsePhone,
	"partiql":    parsePartiQL,
	"path":       parsePath,
	"opaque":     func(ts *Touches, s *step, values []string) { ts.unknown() },
}

// A template makes an ARN of names.
type template struct {
	service           string
	noRegion, noOwner bool     // the ARN's region and account are empty
	pieces            []string // of what follows the fifth colon, with a name between each two
}

// newTemplate reads "table/$/index/$": what follows the fifth colon. ":" in front leaves the region out, "::" the account as well.
func newTemplate(service, text string) template {
	t := template{service: service}
	if text, t.noRegion = strings.CutPrefix(text, ":"); t.noRegion {
		text, t.noOwner = strings.CutPrefix(text, ":")
	}
	t.pieces = strings.Split(text, "$")
	return t
}

// parseName makes an ARN of plain names. A value that is an ARN already stands for itself.
func parseName(ts *Touches, s *step, values []string) {
	if isARN(values[0]) {
		ts.arn(values[0])
		return
	}
	for _, v := range values {
		if !isName(v) {
			ts.unknown()
			return
		}
	}
	ts.fill(&s.template, values)
}

// parsePath is parseName for names that have slashes in them.
func parsePath(ts *Touches, s *step, values []string) {
	if isARN(values[0]) {
		ts.arn(values[0])
		return
	}
	for _, v := range values {
		if !isPath(v) {
			ts.unknown()
			return
		}
	}
	ts.fill(&s.template, values)
}

// fill adds the ARN of names that have been checked.
func (ts *Touches) fill(t *template, names []string) {
	from := len(ts.buf)
	for i, piece := range t.pieces {
		if i > 0 {
			ts.buf = append(ts.buf, names[min(i, len(names))-1]...)
		}
		ts.buf = append(ts.buf, piece...)
	}
	touch := Touch{Partition: ts.at.Partition, Service: t.service, Region: ts.at.Region, Account: ts.at.Account, Resource: ts.buf[from:]}
	if t.noRegion {
		touch.Region = ""
	}
	if t.noOwner {
		touch.Account = ""
	}
	ts.add(touch)
}

// put adds a resource of the caller's region and account.
func (ts *Touches) put(service string, pieces ...string) *Touch {
	return ts.add(Touch{Partition: ts.at.Partition, Service: service, Region: ts.at.Region, Account: ts.at.Account, Resource: ts.join(pieces...)})
}

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
	return ts.add(Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account, Resource: ts.join(a.resource)})
}

// relative adds what follows the fifth colon of an ARN of the operation's service, in the caller's region and account.
func (ts *Touches) relative(text string) {
	switch {
	case text == "" || !isPlain(text):
		ts.unknown()
	case ts.op.Service == "s3":
		ts.add(Touch{Partition: ts.at.Partition, Service: "s3", Resource: ts.join(text)})
	default:
		ts.put(ts.op.Service, text)
	}
}

// isPlain reports whether s has no control characters, blanks or bytes that are no UTF-8, which no ARN has outside an object key.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7F || s[i] == Any {
			return false
		}
	}
	return true
}

// isName reports whether s can be one segment of an ARN and nothing else.
func isName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == 0x7F, c == Any, c == '/', c == ':', c == '*', c == '?', c == '%', c == '#', c == '\\', c == '@':
			return false
		}
	}
	return s != "" && s != "." && !strings.Contains(s, "..")
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

// parseQueue reads a queue's URL, or its name or ARN, which the SDK takes as well.
func parseQueue(ts *Touches, s *step, values []string) {
	text := values[0]
	switch {
	case isARN(text):
		ts.arn(text)
		return
	case isName(text):
		ts.put("sqs", text)
		return
	}
	_, rest, ok := strings.Cut(text, "://")
	if !ok {
		rest = text
	}
	host, path, _ := strings.Cut(rest, "/")
	account, name, _ := strings.Cut(path, "/")
	if !isName(name) || !isAccount(account) || host == "" {
		ts.unknown()
		return
	}
	own := ts.put("sqs", name)
	own.Account = account
	// SQS reads the account and the name and leaves the host alone: a URL of another region names, to the letter, two queues.
	if region := queueRegion(host); region != "" && region != ts.at.Region {
		other := *own
		other.Region, other.Partition = region, PartitionOf(region)
		ts.add(other)
	}
}

// queueRegion returns the region of the host of a queue URL, "" for a host that is not AWS's.
func queueRegion(host string) string {
	labels := strings.Split(host, ".")
	switch {
	case host == "queue.amazonaws.com":
		return "us-east-1"
	case len(labels) == 4 && labels[1] == "queue":
		return labels[0]
	case len(labels) >= 4 && labels[0] == "sqs", len(labels) >= 4 && labels[0] == "sqs-fips":
		return labels[1]
	case len(labels) >= 6 && labels[1] == "sqs":
		return labels[2]
	}
	return ""
}

func isAccount(s string) bool {
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

// parseFunction reads a function's name, partial ARN ("account:function:name") or ARN, each with or without a qualifier; a second
// value is the qualifier.
func parseFunction(ts *Touches, s *step, values []string) {
	text := values[0]
	t := Touch{Partition: ts.at.Partition, Service: "lambda", Region: ts.at.Region, Account: ts.at.Account}
	if isARN(text) {
		a, ok := cutARN(text)
		name, isFunction := strings.CutPrefix(a.resource, "function:")
		if !ok || !isFunction {
			ts.arn(text)
			return
		}
		t = Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}
		text = name
	} else if account, name, ok := strings.Cut(text, ":function:"); ok {
		if !isAccount(account) {
			ts.unknown()
			return
		}
		t.Account, text = account, name
	} else {
		text = strings.TrimPrefix(text, "function:")
	}
	name, qualifier, qualified := strings.Cut(text, ":")
	if len(values) > 1 {
		if qualified && qualifier != values[1] {
			ts.unknown()
			return
		}
		qualifier, qualified = values[1], true
	}
	if !isWord(name) || (qualified && !isWord(qualifier)) {
		ts.unknown()
		return
	}
	if qualified {
		t.Resource = ts.join("function:", name, ":", qualifier)
	} else {
		t.Resource = ts.join("function:", name)
	}
	ts.add(t)
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

// parsePhone gives a phone number an ARN, for it has none: arn:aws:sns:::phone/+4930123456. A rule for every topic of an account does not
// match it.
func parsePhone(ts *Touches, s *step, values []string) {
	number := values[0]
	for i := range len(number) {
		if c := number[i]; (c < '0' || c > '9') && c != '+' && c != '-' && c != ' ' {
			ts.unknown()
			return
		}
	}
	ts.add(Touch{Partition: ts.at.Partition, Service: "sns", Resource: ts.join("phone/", number)})
}

// parseS3URI reads s3://bucket/key.
func parseS3URI(ts *Touches, s *step, values []string) {
	rest, ok := strings.CutPrefix(values[0], "s3://")
	if !ok {
		ts.unknown()
		return
	}
	bucket, key, _ := strings.Cut(rest, "/")
	ts.bucket(bucket, key)
}

// parseBucket reads a bucket, which may be an access point's ARN, and perhaps a key.
func parseBucket(ts *Touches, s *step, values []string) {
	key := ""
	if len(values) > 1 {
		key = values[1]
	}
	ts.bucket(values[0], key)
}

// parseCopySource reads "bucket/key", escaped, with or without a leading slash and a version, or the ARN of an object behind an access point.
func parseCopySource(ts *Touches, s *step, values []string) {
	source, _, _ := strings.Cut(values[0], "?versionId=")
	source, err := url.PathUnescape(source)
	if err != nil {
		ts.unknown()
		return
	}
	source = strings.TrimPrefix(source, "/")
	if isARN(source) {
		ts.arn(source)
		return
	}
	bucket, key, ok := strings.Cut(source, "/")
	if !ok || key == "" {
		ts.unknown()
		return
	}
	ts.bucket(bucket, key)
}

// bucket adds a bucket (key "") or an object.
func (ts *Touches) bucket(bucket, key string) {
	if isARN(bucket) {
		a, ok := cutARN(bucket)
		if !ok || hasDots(a.resource) {
			ts.unknown()
			return
		}
		t := Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}
		switch {
		case key == "" || a.service == "s3-object-lambda":
			t.Resource = ts.join(a.resource)
		case a.service == "s3" && a.account == "":
			t.Resource = ts.join(a.resource, "/", key)
		default:
			t.Resource = ts.join(a.resource, "/object/", key)
		}
		ts.add(t)
		return
	}
	if !isBucket(bucket) {
		ts.unknown()
		return
	}
	if strings.HasSuffix(bucket, "--x-s3") {
		// A directory bucket: IAM asks for the session alone, whatever the object.
		ts.put("s3express", "bucket/", bucket)
		return
	}
	t := Touch{Partition: ts.at.Partition, Service: "s3"}
	if key == "" {
		t.Resource = ts.join(bucket)
	} else {
		t.Resource = ts.join(bucket, "/", key)
	}
	ts.add(t)
}

// isBucket reports whether s can be the name of a bucket, old ones in us-east-1 included.
func isBucket(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return len(s) >= 3 && len(s) <= 255 && !strings.Contains(s, "..") && s[0] != '.'
}
