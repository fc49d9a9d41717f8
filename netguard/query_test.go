package netguard

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

func sprint(v any) string { return fmt.Sprint(v) }

func TestAsked(t *testing.T) {
	const a, srv, txt, ptr = dnsmessage.TypeA, dnsmessage.TypeSRV, dnsmessage.TypeTXT, dnsmessage.TypePTR
	search := []string{"corp.test", "test"}
	for _, c := range []struct {
		name string
		t    dnsmessage.Type
		want string
	}{
		{"a.example", a, "[a.example]"},
		{"a.test", a, "[a a.test]"},
		{"a.corp.test", a, "[a a.corp a.corp.test]"},
		{"corp.test", a, "[corp corp.test]"},
		{"xcorp.test", a, "[xcorp xcorp.test]"},
		{"_a.example", a, "[_a.example]"},
		{"_a._tcp.x.example", srv, "[x.example]"},
		{"_a._tcp.x.test", srv, "[x x.test]"},
		{"_dmarc.x.example", txt, "[x.example]"},
		{"_a", txt, "[_a]"},
		{"_a._b", txt, "[_a._b]"},
		{"a._b.example", txt, "[a._b.example]"},
		{"4.3.2.1.in-addr.arpa", ptr, "[1.2.3.4]"},
		{"3.2.1.in-addr.arpa", ptr, "[3.2.1.in-addr.arpa]"},
		{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", ptr, "[2001:db8::1]"},
		{"x.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", ptr,
			"[x.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa]"},
		{"4.3.2.1.in-addr.arpa", a, "[4.3.2.1.in-addr.arpa]"},
	} {
		assert.Equal(t, c.want, sprint(asked(c.name, uint16(c.t), search)), "%s %s", c.name, c.t)
	}
}

func message(t testing.TB, h dnsmessage.Header, answers []dnsmessage.Resource, questions ...string) []byte {
	t.Helper()
	m := dnsmessage.Message{Header: h, Answers: answers}
	for _, q := range questions {
		m.Questions = append(m.Questions, dnsmessage.Question{Name: dnsmessage.MustNewName(q), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET})
	}
	b, err := m.Pack()
	require.NoError(t, err)
	return b
}

func TestWhatIsNoQueryIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":         nil,
		"garbage":       []byte("GET / HTTP/1.1\r\n\r\n"),
		"no question":   message(t, dnsmessage.Header{}, nil),
		"two questions": message(t, dnsmessage.Header{}, nil, "a.test.", "b.test."),
		"a response":    message(t, dnsmessage.Header{Response: true}, nil, "a.test."),
	} {
		_, err := parseQuery(b, nil)
		assert.ErrorIs(t, err, errUnreadable, name)
	}
}

func TestOnlyTheResponseToTheQueryIsLearned(t *testing.T) {
	q, err := parseQuery(message(t, dnsmessage.Header{ID: 7}, nil, "A.test."), nil)
	require.NoError(t, err)
	answer := []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName("a.test."), Class: dnsmessage.ClassINET},
		Body:   &dnsmessage.AResource{A: [4]byte{203, 0, 113, 1}},
	}}
	ok := dnsmessage.Header{ID: 7, Response: true}
	assert.Equal(t, "[203.0.113.1]", sprint(q.answered(message(t, ok, answer, "a.test."))))
	for name, b := range map[string][]byte{
		"another id":    message(t, dnsmessage.Header{ID: 8, Response: true}, answer, "a.test."),
		"another name":  message(t, ok, answer, "b.test."),
		"no question":   message(t, ok, answer),
		"a query":       message(t, dnsmessage.Header{ID: 7}, answer, "a.test."),
		"truncated":     message(t, dnsmessage.Header{ID: 7, Response: true, Truncated: true}, answer, "a.test."),
		"an error":      message(t, dnsmessage.Header{ID: 7, Response: true, RCode: dnsmessage.RCodeServerFailure}, answer, "a.test."),
		"cut off":       message(t, ok, answer, "a.test.")[:20],
		"not a message": {1},
	} {
		assert.Empty(t, q.answered(b), name)
	}
}
