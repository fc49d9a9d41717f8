// Package mask takes out of a call what may be a secret, before the call is shown in alerts, errors
// and log lines. [URL] and [Resource] mask a field by what it is, [Text] the words of a text, and
// [Entry] finds what a proposed entry would show.
//
// Names are never guessed at ([Name]): services, operations, hosts, and the names of functions,
// tables, queues, topics, keys, buckets, stacks and roles stay, whatever they look like. The keys
// of objects in S3, the paths of URLs, and texts are searched for secrets. Whether a piece looks
// like a secret is a guess that leans to masking; see [Token].
//
// Masking twice changes nothing. All functions take time that is linear in the length of their
// input.
package mask

import "strings"

// Masked stands where something was taken out.
const Masked = "[masked]"

// URL drops user, query and fragment of a URL and masks pieces of its path. Anything else is
// treated as a path.
func URL(s string) string {
	s = dropTail(s)
	// Without a scheme, there is no host: "/v1/x" is a path, and so is "example.com/x".
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return path("", s)
	}
	host, p := rest, ""
	// Browsers and some servers read a backslash as a slash.
	if i := strings.IndexAny(rest, `/\`); i >= 0 {
		host, p = rest[:i], rest[i:]
	}
	slash := ""
	if strings.HasPrefix(p, `\`) { // it ends the host, so it stays when the first segment is masked
		slash, p = p[:1], p[1:]
	}
	host = Host(host)
	return scheme + host + slash + path(host, p)
}

// dropTail cuts s at its query or fragment, also where they are escaped once.
func dropTail(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	for _, esc := range []string{"%3f", "%3F", "%23"} {
		if i := strings.Index(s, esc); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

// cutScheme cuts behind the slashes: "https://" and "host/path". ok is false if s has no scheme.
func cutScheme(s string) (scheme, rest string, ok bool) {
	if strings.HasPrefix(s, "//") {
		return "//", s[2:], true
	}
	i := strings.Index(s, "://")
	// "/x?to=http://y" has its "://" in the path, and "a@b://" is malformed.
	if i < 0 || strings.ContainsAny(s[:i], "/@") {
		return "", s, false
	}
	return s[:i+3], s[i+3:], true
}

// Host drops the user of an authority, and the path, query and fragment that a malformed one has.
// The host itself is a name.
func Host(s string) string {
	// The last @ ends the user: in "a@b@host" the host is host.
	s = dropTail(s[strings.LastIndexByte(s, '@')+1:])
	if i := strings.IndexAny(s, `/\`); i >= 0 {
		s = s[:i]
	}
	return s
}

// Resource masks an ARN, or what follows an ARN's fifth colon. It searches the keys of objects in
// S3 and the paths that execute-api has in its ARNs; other resources are names. UUIDs stay, because
// people name objects by them. Of an e-mail address only the domain stays.
func Resource(s string) string {
	arn, rest := cutARN(s)
	if arn == "" {
		return resource("", "", s)
	}
	fields := strings.Split(arn, ":")
	// Account, region and partition have no form of a token. Someone may have pasted one in their
	// place.
	for i, f := range fields {
		if Token(f) {
			fields[i] = Masked
		}
	}
	return strings.Join(fields, ":") + resource(fields[2], fields[3], rest)
}

// resource masks a resource of a service in a region. A service of "" is not known: what has a kind
// is a name, and anything else may be a bucket and a key.
func resource(service, region, s string) string {
	at := len(s) // where data begins
	slash := strings.IndexByte(s, '/')
	switch {
	// arn:aws:s3:::bucket/key has no region. Without a service, anything but a kind may be a
	// bucket.
	case service == "s3" && region == "", service == "" && !hasKind(s):
		at = slash + 1
		// No key follows. Of a known service it is a bucket, else it is searched whole.
		if slash < 0 {
			at = 0
			if service != "" {
				at = len(s)
			}
		}
	// Access points: accesspoint/NAME/object/KEY.
	case strings.HasPrefix(service, "s3"):
		if i := strings.Index(s, "/object/"); i >= 0 {
			at = i + len("/object/")
		}
	// API-ID/STAGE/METHOD/PATH: only the path is data.
	case service == "execute-api":
		if i := nth(s, '/', 3); i >= 0 {
			at = i + 1
		}
	}
	data := s[at:]
	// In front of at are names, which are masked only where their form leaves no doubt.
	if at < len(s) {
		data = pieces(dropTail(data), true)
	}
	return Name(s[:at]) + data
}

// hasKind reports whether a resource begins with a kind, such as table/ or function:.
func hasKind(s string) bool {
	i := strings.IndexAny(s, "/:")
	if i < 0 {
		return false
	}
	switch strings.ToLower(s[:i]) {
	case "table", "function", "layer", "event-source-mapping", "key", "alias", "secret", "parameter", "statemachine", "execution", "activity",
		"stack", "changeset", "role", "user", "group", "policy", "instance-profile", "stream", "deliverystream", "log-group", "rule",
		"event-bus", "cluster", "service", "task", "task-definition", "db", "repository", "project", "identity", "template", "userpool",
		"identitypool", "distribution", "hostedzone", "certificate", "endpoint", "model", "inference-profile", "agent", "domain", "topic",
		"volume", "instance", "snapshot", "image", "vpc", "subnet", "security-group", "job", "job-queue", "job-definition", "workgroup",
		"database", "catalog", "accesspoint", "queue", "application", "contact-flow", "schedule", "pipe", "file-system", "bus":
		return true
	}
	return false
}

// cutARN cuts an ARN after its account. arn is "" if s is not an ARN.
func cutARN(s string) (arn, resource string) {
	if strings.HasPrefix(s, "arn:") {
		if i := nth(s, ':', 5); i >= 0 {
			return s[:i+1], s[i+1:]
		}
	}
	return "", s
}

// nth returns where the n-th c is in s, or -1. n counts from 1.
func nth(s string, c byte, n int) int {
	for i := range len(s) {
		if s[i] == c {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}
