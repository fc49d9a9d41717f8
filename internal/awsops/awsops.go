// Package awsops is AWS's vocabulary: which names a service goes by, what access an operation takes, which IAM
// actions it stands for, and which members of its input name what it touches.
//
// The tables are constants, generated from public data by the module in gen and read without any work at start. Looking
// something up takes a microsecond or so: do it once per operation, not per call.
package awsops

import "strings"

// Service resolves a name of a service to its IAM prefix: an SDK service id ("Cognito Identity Provider"), an SDK package
// ("cognitoidentityprovider") or an IAM prefix ("cognito-idp"). Case, blanks and hyphens do not count.
func Service(name string) (prefix string, ok bool) {
	key := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == ' ', r == '-', r == '_':
			return -1
		}
		return '?'
	}, name)
	if key == "" {
		return "", false
	}
	line, ok := find(services, key)
	if !ok {
		return "", false
	}
	if line == "" {
		return key, true
	}
	return line[1:], true
}

// find returns what follows key in its line of a sorted table: "" or text that begins with '='.
// Every line of a table begins with a newline; the last ends with one.
func find(table, key string) (rest string, ok bool) {
	lo, hi := 0, len(table)-1 // both stand on a newline
	for lo < hi {
		mid := lo + strings.LastIndexByte(table[lo:(lo+hi)/2+1], '\n')
		end := mid + 1 + strings.IndexByte(table[mid+1:], '\n')
		line := table[mid+1 : end]
		k, _, _ := strings.Cut(line, "=")
		switch {
		case k == key:
			return line[len(k):], true
		case k < key:
			lo = end
		default:
			hi = mid
		}
	}
	return "", false
}

// Services returns every name of a service that Service knows, in lower case without blanks and hyphens.
func Services() []string {
	names := strings.Split(strings.Trim(services, "\n"), "\n")
	for i, line := range names {
		names[i], _, _ = strings.Cut(line, "=")
	}
	return names
}
