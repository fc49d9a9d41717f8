package buildhooks

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	like "github.com/outguard/outguard/internal/buildhooks/testdata/syscall"
)

func TestAddress(t *testing.T) {
	internet := &syscall.SockaddrInet4{Port: 443, Addr: [4]byte{192, 0, 2, 1}}
	for _, tt := range []struct {
		to   any
		text string
		kind Kind
	}{
		{internet, "192.0.2.1:443", Internet},
		{&syscall.SockaddrInet6{Port: 443, Addr: [16]byte{15: 1}, ZoneId: 2}, "[::1%2]:443", Internet},
		{&syscall.SockaddrUnix{Name: "/run/x"}, "/run/x", Unix},
		{&like.SockaddrNetlink{SockaddrInet4: internet}, "*syscall.SockaddrNetlink", Unknown},
		{struct{ *syscall.SockaddrInet4 }{internet}, "struct { *syscall.SockaddrInet4 }", Unknown},
		{nil, "<nil>", Unknown},
	} {
		text, kind := Address(tt.to)
		assert.Equal(t, tt.text, text)
		assert.Equal(t, tt.kind, kind, tt.text)
	}
}
