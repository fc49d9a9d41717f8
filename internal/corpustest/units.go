package corpustest

import (
	"os"
	"strings"
)

// Units are texts that make long hostile paths when they are repeated. Each is a form that servers
// read in their own way, or that a careless reader goes over again and again.
var Units = []string{
	"a", "/a", "/", "//", "/..", "/../", "/./", "/a/..", "%2f", "%2e", "%25", "25", "%2525", "%252e", "%25252e", "%25%32%65", "%%32%65", "%", "%2",
	"%c0%ae", "%c0%af", "\xc0\xae", "%e0%80%ae", "%f0%80%80%af", "%fc%80%80%80%80%ae", "\xfc\x80\x80\x80\x80", "．", "／", "／．．", "日本語", "％２５", "‥/", "¥",
	";", ";x", "/;x=1", "/..;", `\`, `\..`, `..\`, "%5c", "%00", "/%00.%00./", "*", "/*", "a*b", "**/", "eff", "/e/f/g", "/a/b/c/d",
	"..%2f%5c;%00%c0%ae//a/b", "/%2e%2e%2f%252e;x//／．", "aB1", "a@", "a=b;", "eyJ-", "/aB1c", "+1-", "pass=", "a,", "1-", "aB1/", "sk_", "xoxb-",
	"12345678-1234-1234-1234-", "4111-", "a:", "(", "[masked]", "arn:", "://", "?", "#", "%3f", "\"", "{a",
}

// Sample returns how much of a long test runs: a sample in which each kind of case is, and the
// whole with WHOLE=1 or LONG=1 in the environment. Every run of CI is of the whole. A sweep samples
// by its stride, which is then Sample(n, 1); a sample is the same each time. It is called by tests,
// and not for a variable of a package: what is read before the tests begin is not a part of the key
// of Go's cache, which would take a sample for the whole.
func Sample(few, whole int) int {
	if os.Getenv("WHOLE") != "" || os.Getenv("LONG") != "" {
		return whole
	}
	return few
}

// Times returns how often a test repeats what it does: usually as often as finds a fault of the
// kind, and with LONG=1 in the environment as often as finds a rare one. CI runs that weekly.
func Times(usually, long int) int {
	if os.Getenv("LONG") != "" {
		return long
	}
	return usually
}

// Long returns before, and unit repeated to n bytes.
func Long(before, unit string, n int) string { return before + strings.Repeat(unit, n/len(unit)) }
