// Package awsops is AWS's vocabulary: which names a service goes by, what access an operation
// takes, which IAM actions it stands for, and which members of its input name what it touches.
//
// The tables are constants, which the module in gen makes from public data. Nothing is done with
// them at start. A look-up takes about a microsecond, so callers keep the result for each
// operation.
package awsops

//go:generate go run -C gen .

import "strings"

// Service returns the IAM prefix of a service. The name may be an SDK service id ("Cognito Identity
// Provider"), an SDK package ("cognitoidentityprovider") or an IAM prefix ("cognito-idp"). Case,
// blanks and hyphens do not matter. It reports false for a name that the tables do not have.
func Service(name string) (prefix string, ok bool) {
	key := normal(name)
	// Tables are searched as text: a map of them would be built at each start of a function.
	lo, hi := 0, len(services)-1 // both stand on a newline
	for lo < hi {
		start, end := lineAt(services, lo, hi)
		name, prefix, found := strings.Cut(services[start:end], "=")
		if !found {
			prefix = name
		}
		switch compare(name, key) {
		case 0:
			return prefix, true
		case -1:
			lo = end
		default:
			hi = start - 1
		}
	}
	return "", false
}

// compare compares a name, without its hyphens, to a key.
// It returns 0, 1 or -1, as strings.Compare does. Names are sorted without their hyphens.
func compare(name, key string) int {
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '-':
		case key == "" || c > key[0]:
			return 1
		case c < key[0]:
			return -1
		default:
			key = key[1:]
		}
	}
	return -min(len(key), 1)
}

// find returns what follows "key=" in a sorted table, or "" if there is no such line.
// Keys are sorted as they are.
func find(table, key string) string {
	lo, hi := 0, len(table)-1
	for lo < hi {
		start, end := lineAt(table, lo, hi)
		k, value, _ := strings.Cut(table[start:end], "=")
		switch strings.Compare(k, key) {
		case 0:
			return value
		case -1:
			lo = end
		default:
			hi = start - 1
		}
	}
	return ""
}

// lineAt finds the line in the middle of the part of a table between two newlines. Every line of a
// table begins with a newline, and the last also ends with one. Lines have up to 4.5 KB, and
// IndexByte, unlike LastIndexByte, looks at many bytes at once.
func lineAt(table string, lo, hi int) (start, end int) {
	const step = 256
	start = (lo+hi)/2 + 1
	// Lines are long, so that stepping back by 256 bytes finds the newline soon.
	for strings.IndexByte(table[max(lo, start-step):start], '\n') < 0 {
		start -= step
	}
	start = strings.LastIndexByte(table[:start], '\n') + 1
	return start, start + strings.IndexByte(table[start:], '\n')
}

// Services returns every name that Service knows, in lower case and without blanks.
func Services() []string {
	names := strings.Split(strings.Trim(services, "\n"), "\n")
	for i, line := range names {
		names[i], _, _ = strings.Cut(line, "=")
	}
	return names
}

// Actions returns the IAM actions that an operation of a service takes, separated by commas, the
// main one first. Actions of another service have its prefix ("s3express:CreateSession"). It
// returns "" if the action has the operation's name. Case does not matter.
func Actions(service, operation string) string {
	// Renames are filed under the SDK's name where several services share a prefix: s3control and
	// s3.
	key := normal(service)
	prefix, _ := Service(service)
	for _, k := range [...]string{key, prefix} {
		// An entry is "Operation,Operation>Action,Action".
		for entry := range strings.FieldsSeq(find(renames, k)) {
			names, actions, _ := strings.Cut(entry, ">")
			for name := range strings.SplitSeq(names, ",") {
				if strings.EqualFold(name, operation) {
					// "=" marks an action whose name no operation has. Operations looks for it.
					return strings.ReplaceAll(actions, "=", "")
				}
			}
		}
		if key == prefix {
			break
		}
	}
	return ""
}

// Operations calls yield with every operation that takes an IAM action, and the prefix of its
// service, if no operation has the action's name: "lambda", "Invoke" and another for
// lambda:InvokeFunction.
func Operations(prefix, action string, yield func(prefix, operation string)) {
	// The search is for "=", so that only a few places are looked at.
	for i := 0; ; {
		n := strings.IndexByte(renames[i:], '=') // a line's key also has one, without a name behind it
		if n < 0 {
			return
		}
		i += n + 1
		name := renames[i:]
		name = name[:strings.IndexAny(name, ", \n")]
		service, short, ok := strings.Cut(name, ":")
		// "s3express:CreateSession" has the prefix of its own service.
		if !ok {
			service, short = "", name
		}
		if !strings.EqualFold(short, action) || short == "" {
			continue
		}
		// The line that the place is in begins with the service.
		line := renames[strings.LastIndexByte(renames[:i], '\n')+1:]
		of, _ := Service(line[:strings.IndexByte(line, '=')])
		if service == "" {
			service = of
		}
		if service != prefix {
			continue
		}
		// The operations stand before ">" in the same entry.
		operations, _, _ := strings.Cut(renames[strings.LastIndexByte(renames[:i], ' ')+1:], ">")
		for operation := range strings.SplitSeq(operations, ",") {
			yield(of, operation)
		}
	}
}

// Renames calls yield with the names that operations of a service go by, where IAM's are not the
// SDK's: those of the operations, and those of the actions that each of them takes. Actions of
// other services are left out.
// It is for messages: which names may have been meant.
func Renames(prefix string, yield func(names []string)) {
	for line := range strings.Lines(renames) {
		key, entries, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if of, known := Service(key); !ok || !known || of != prefix {
			continue
		}
		for entry := range strings.FieldsSeq(entries) {
			operations, actions, _ := strings.Cut(entry, ">")
			var names []string
			for action := range strings.SplitSeq(strings.ReplaceAll(actions, "=", ""), ",") {
				if !strings.Contains(action, ":") {
					names = append(names, action)
				}
			}
			for operation := range strings.SplitSeq(operations, ",") {
				yield(append([]string{operation}, names...))
			}
		}
	}
}

// Resources returns the resource paths of a service in the grammar of gen/data/resources.txt. Each
// type is replaced by its text, which ends in "/$" if it has no $.
func Resources(service string) string { return unpacked(packedResources(service)) }

// HasResources reports whether there are resource paths of a service.
func HasResources(service string) bool { return packedResources(service) != "" }

// packedResources returns the table's text of a service, by its own name or by its prefix.
func packedResources(service string) string {
	// Services that share a prefix may have different inputs.
	if own := find(resources, normal(service)); own != "" {
		return own
	}
	prefix, _ := Service(service)
	return find(resources, normal(prefix))
}

// unpacked puts the texts in that the bytes from 0x80 on stand for.
func unpacked(text string) string {
	var b strings.Builder
	// Texts grow about threefold.
	b.Grow(3 * len(text))
	for i := range len(text) {
		unpack(&b, text[i])
	}
	return b.String()
}

// unpack writes what a byte stands for. From 0x80 on, a byte is a pair of others, as in byte-pair
// encoding.
func unpack(b *strings.Builder, c byte) {
	if c < 0x80 {
		b.WriteByte(c)
		return
	}
	pair := resourceTokens[2*int(c-0x80):]
	unpack(b, pair[0])
	unpack(b, pair[1])
}

// HasEndpoint reports whether the hosts of a service begin with a label, behind a bucket or an
// account: "email" for SES, "streams.dynamodb" for DynamoDB Streams. Services of one IAM prefix
// share their hosts.
func HasEndpoint(service, label string) bool {
	prefix, ok := Service(service)
	if !ok {
		return false
	}
	// "email" is a name of ses itself.
	if by, ok := Service(label); ok && by == prefix {
		return true
	}
	// Labels stand between blanks, so that a part of one is not found.
	return strings.Contains(find(endpoints, prefix), " "+label+" ")
}

// Labels returns the labels that the hosts of a service begin with, for its IAM prefix: the prefix,
// labels of other names, and the other names of the service, which [HasEndpoint] takes too.
func Labels(prefix string) []string {
	labels := append([]string{prefix}, strings.Fields(find(endpoints, prefix))...)
	for line := range strings.Lines(strings.TrimPrefix(services, "\n")) {
		if name, of, ok := strings.Cut(strings.TrimSpace(line), "="); ok && of == prefix {
			labels = append(labels, name)
		}
	}
	return labels
}

// ByEndpoint returns the services whose hosts begin with a label. It returns the label itself if
// that is a name of a service, and IAM prefixes otherwise.
func ByEndpoint(label string) (services []string) {
	if _, ok := Service(label); ok {
		return []string{label}
	}
	// One label may be that of several services.
	for rest := endpoints; label != ""; {
		_, after, ok := strings.Cut(rest, " "+label+" ")
		if !ok {
			return services
		}
		// The line that the label is in begins with the service.
		line := endpoints[:len(endpoints)-len(after)]
		service, _, _ := strings.Cut(line[strings.LastIndexByte(line, '\n')+1:], "=")
		services, rest = append(services, service), after
	}
	return nil
}

// Plain returns how the name of a service that the tables do not have is compared: in lower case,
// without blanks, hyphens and underscores. It returns "" for a text that cannot name a service.
func Plain(name string) string { return normal(name) }

// normal returns a name in lower case without blanks, hyphens and underscores. It returns "" for a
// text that cannot name a service.
func normal(name string) string {
	// Most names are plain already, and are returned without a copy.
	plain := true
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case isUpper(c), c == ' ', c == '-', c == '_':
			plain = false
		default:
			return ""
		}
	}
	if plain {
		return name
	}
	// A Replacer would take 6 KB.
	lower := make([]byte, 0, len(name))
	for i := range len(name) {
		if c := name[i]; isUpper(c) {
			lower = append(lower, c|' ')
		} else if c != ' ' && c != '-' && c != '_' {
			lower = append(lower, c)
		}
	}
	return string(lower)
}
