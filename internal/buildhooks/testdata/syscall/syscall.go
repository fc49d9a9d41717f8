// Package syscall has the name, and a type of the name, of the standard library's, for the tests.
package syscall

import "syscall"

// SockaddrNetlink is an address on the internet.
type SockaddrNetlink struct{ *syscall.SockaddrInet4 }
