package judged

import (
	"net/http"
	"testing"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/stretchr/testify/assert"
)

// What makes another call of a request changes its sum. What signing renews does so only where the
// request is not a retry.
func TestSum(t *testing.T) {
	for _, c := range []struct {
		key           string
		counts, retry bool // in a first attempt, in a retry
	}{
		{"X-Amz-Target", true, true},
		{"x-amz-target", true, true},
		{"X-Amz-", false, false},
		{"X-Amz-A", true, true},
		{"X-Amzn-Trace-Id", false, false},
		{"X-Amz-Date", true, false},
		{"x-amz-date", true, false},
		{"X-Amz-Security-Token", true, false},
		{"X-Amz-Content-Sha256", true, true},
		{"Content-Type", true, true},
		{"Content-Encoding", true, true},
		{"Authorization", true, false},
		{"authorization", true, false},
		{"Content-Tyre", false, false},
		{"Content-Length-X", false, false},
		{"Authorisation", false, false},
		{"User-Agent", false, false},
	} {
		r := toAWS(t, "", nil)
		first, firstRetry := Sums(r)
		r.Header[c.key] = []string{"v"}
		sum, retry := Sums(r)
		assert.Equal(t, c.counts, sum != first, c.key)
		assert.Equal(t, c.retry, retry != firstRetry, "%s in a retry", c.key)

		m := new(Mark)
		for _, m.aws.counts = range []bool{true, false} {
			m.aws.sum, m.aws.retry = sum, retry
			assert.Equal(t, retry, m.Lasting(r), c.key)
		}
	}
	sum := func(query string, values ...string) uint64 {
		r := toAWS(t, query, nil)
		r.Header["X-Amz-Target"] = values
		all, _ := Sums(r)
		return all
	}
	assert.Equal(t, sum("a", "b", "c"), sum("a", "b", "c"))
	assert.NotEqual(t, sum("a", "b", "c"), sum("a", "c", "b"))
	assert.NotEqual(t, sum("a", "b", "c"), sum("a", "bc"))
	assert.NotEqual(t, sum("a", "b"), sum("b", "b"))
	all, retry := Sums(&http.Request{})
	assert.Equal(t, all, retry, "without a URL")
}

func TestMayBeAWS(t *testing.T) {
	for _, c := range []struct {
		urlHost, host string
		want          bool
	}{
		{"sqs.eu-west-1.amazonaws.com", "", true},
		{"sqs.eu-west-1.amazonaws.com:443", "", true},
		{"SQS.eu-west-1.AMAZONAWS.com", "", true},
		{"sqs.eu-west-1.amazonaws.com.", "", true},
		{"sqs.eu-west-1.amazonaws%2ecom", "", true},
		{"sqs.eu-west-1.amazonaws。com", "", true},
		{"127.0.0.1:4566", "sqs.eu-west-1.amazonaws.com", true},
		{"sqs.eu-west-1.amazonaws.com", "a.example", true},
		{"a.example", "", false},
		{"a.example:443", "b.example", false},
		{"A.example.", "", false},
		{"a..EXAMPLE", "", true}, // nobody can say where it goes
	} {
		r := request(t, nil)
		r.URL.Host, r.Host = c.urlHost, c.host
		assert.Equal(t, c.want, MayBeAWS(r), "%s with Host %q", c.urlHost, c.host)
	}
	assert.True(t, MayBeAWS(&http.Request{Host: "sqs.eu-west-1.amazonaws.com"}))
	assert.False(t, MayBeAWS(&http.Request{Host: "a.example"}))
	assert.False(t, MayBeAWS(&http.Request{}))
	r := request(t, nil)
	alloctest.AtMost(t, 0, func() { MayBeAWS(r) })
}

// The name of a header counts, and which values it has.
func TestSumOf(t *testing.T) {
	assert.Equal(t, SumOf("a", []string{"v"}), SumOf("a", []string{"v"}))
	assert.NotEqual(t, SumOf("a", []string{"v"}), SumOf("b", []string{"v"}))
	assert.NotEqual(t, SumOf("a", []string{"v"}), SumOf("a", []string{"v", ""}))
}

func TestIsControl(t *testing.T) {
	for _, c := range "\x00\n\r\x1f\x7f" {
		assert.True(t, isControl(c), "%q", c)
	}
	for _, c := range "\t ~aé" {
		assert.False(t, isControl(c), "%q", c)
	}
}
