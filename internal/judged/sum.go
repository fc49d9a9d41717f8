package judged

import (
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
)

// seeded is the process's seed of sums.
var seeded struct {
	sync.Once
	seed maphash.Seed
}

// seed returns the seed. It is random, so that nobody can prepare two requests with one sum.
func seed() maphash.Seed {
	seeded.Do(func() { seeded.seed = maphash.MakeSeed() })
	return seeded.seed
}

// Sums returns a number that differs, but for a chance of 1 in 2⁶⁴, for requests with another
// query, another signature, content type or coding, or other X-Amz headers. retry leaves out what
// signing renews.
func Sums(r *http.Request) (sum, retry uint64) {
	if r.URL != nil {
		sum = maphash.String(seed(), r.URL.RawQuery)
		retry = sum
	}
	for key, values := range r.Header {
		counts, lasts := counts(key)
		if !counts {
			continue
		}
		one := SumOf(key, values)
		sum += one // in any order of the headers
		if lasts {
			retry += one
		}
	}
	return sum, retry
}

// SumOfText is such a number of any text.
func SumOfText(text string) uint64 { return maphash.String(seed(), text) }

// SumOf is such a number of one header, with its values in their order.
func SumOf(key string, values []string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed())
	_, _ = h.WriteString(key)
	for _, v := range values {
		// The zero byte keeps the values "a", "b" apart from one value "ab".
		_ = h.WriteByte(0)
		_, _ = h.WriteString(v)
	}
	return h.Sum64()
}

// counts reports whether a header can make another call of a request, and whether it lasts, which
// means that signing does not renew it.
func counts(key string) (counts, lasts bool) {
	if len(key) > 6 && strings.EqualFold(key[:6], "x-amz-") {
		return true, !strings.EqualFold(key, "x-amz-date") && !strings.EqualFold(key, "x-amz-security-token")
	}
	switch len(key) {
	case len("content-type"):
		counts = strings.EqualFold(key, "content-type")
	case len("content-encoding"):
		counts = strings.EqualFold(key, "content-encoding")
	case len("authorization"):
		return strings.EqualFold(key, "authorization"), false
	}
	return counts, counts
}
