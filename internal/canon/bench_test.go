package canon

import (
	"net/http"
	"testing"
)

// BenchmarkParse shows what the parts cost: a request without headers, one with five, and the walk
// over five headers alone.
func BenchmarkParse(b *testing.B) {
	r, _ := http.NewRequest("POST", "https://api.stripe.com/v1/charges", nil)
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			var buf Buf
			q, err := Parse(r, &buf)
			if err != nil || q.N != 1 {
				b.Fatal()
			}
		}
	})
	r.Header = http.Header{
		"Accept":          {"application/json"},
		"Authorization":   {"Bearer sk_test_0123456789abcdefghijklmn"},
		"Content-Type":    {"application/x-www-form-urlencoded"},
		"Idempotency-Key": {"0b9c1c2e-96a8-4a8f-a4f2-cfbb6f9d35f1"},
		"User-Agent":      {"checkout/1.4 (lambda)"},
	}
	b.Run("headers", func(b *testing.B) {
		for b.Loop() {
			var buf Buf
			q, err := Parse(r, &buf)
			if err != nil || q.N != 1 {
				b.Fatal()
			}
		}
	})
	b.Run("iterate", func(b *testing.B) {
		n := 0
		for b.Loop() {
			for k, v := range r.Header {
				n += len(k) + len(v)
			}
		}
	})
}
