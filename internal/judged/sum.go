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

func seed() maphash.Seed {
	seeded.Do(func() { seeded.seed = maphash.MakeSeed() })
	return seeded.seed
}

// Sum is a number that differs, but for a chance of 1 in 2⁶⁴, for requests with another query,
// another signature, content type or coding, or other X-Amz headers. What signing renews is left
// out for a retry.
func Sum(r *http.Request, retry bool) uint64 {
	sum := uint64(0)
	if r.URL != nil {
		sum = maphash.String(seed(), r.URL.RawQuery)
	}
	for key, values := range r.Header {
		if !counts(key, retry) {
			continue
		}
		sum += SumOf(key, values) // in any order of the headers
	}
	return sum
}

// SumOfText is such a number of any text.
func SumOfText(text string) uint64 { return maphash.String(seed(), text) }

// SumOf is such a number of one header, with its values in their order.
func SumOf(key string, values []string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed())
	_, _ = h.WriteString(key)
	for _, v := range values {
		_ = h.WriteByte(0)
		_, _ = h.WriteString(v)
	}
	return h.Sum64()
}

// counts reports whether a header can make another call of a request.
func counts(key string, retry bool) bool {
	if len(key) > 6 && strings.EqualFold(key[:6], "x-amz-") {
		return !retry || !strings.EqualFold(key, "x-amz-date") && !strings.EqualFold(key, "x-amz-security-token")
	}
	switch len(key) {
	case len("content-type"):
		return strings.EqualFold(key, "content-type")
	case len("content-encoding"):
		return strings.EqualFold(key, "content-encoding")
	case len("authorization"):
		return !retry && strings.EqualFold(key, "authorization")
	}
	return false
}
