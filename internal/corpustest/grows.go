package corpustest

import (
	"math"
	"runtime"
	"testing"
	"time"
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

// noise is a time for 64 KB that a busy machine can make of any linear function, and that no
// quadratic one keeps to: with 64 KB it takes seconds. Below it, the ratio says nothing.
const noise = 20 * time.Millisecond

// Grows fails the test if the time of f(n) grows faster than n: f(64 KB) may take at most 12 times
// as long as f(8 KB), and no more than limit. It returns the time of f(64 KB). Each time is the
// shortest of several, and of this thread alone where the system can say, so that a busy machine
// does not matter.
func Grows(t testing.TB, what string, limit time.Duration, f func(n int)) time.Duration {
	t.Helper()
	const small, large = 8 << 10, 64 << 10
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	shortest := func(n int, old time.Duration) time.Duration {
		for range 3 {
			start := cpuTime()
			f(n)
			old = min(old, cpuTime()-start)
		}
		return old
	}
	of8, of64 := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for range 30 {
		of8, of64 = shortest(small, of8), shortest(large, of64)
		if of64 <= 12*of8 && of64 <= limit || of64 < noise {
			return of64
		}
	}
	t.Errorf("%s: 64 KB take %v, with at most %v allowed; 8 KB take %v", what, of64, limit, of8)
	return of64
}
