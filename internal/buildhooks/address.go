package buildhooks

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"syscall"
)

// Kind says what a socket address is.
type Kind uint8

const (
	Unknown Kind = iota // it cannot be judged, so it is refused
	Internet
	Unix  // a socket on this machine
	Local // the kernel of this machine
)

// Address reads the address that a Send hook is given: "192.0.2.1:443" for an internet address, the
// path of a Unix socket, and for anything else the name of its type.
func Address(to any) (string, Kind) {
	switch a := to.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)).String(), Internet
	case *syscall.SockaddrInet6:
		addr := netip.AddrFrom16(a.Addr)
		if a.ZoneId != 0 {
			addr = addr.WithZone(strconv.FormatUint(uint64(a.ZoneId), 10))
		}
		return netip.AddrPortFrom(addr, uint16(a.Port)).String(), Internet
	case *syscall.SockaddrUnix:
		return a.Name, Unix
	}
	if isLocal(reflect.TypeOf(to)) {
		return fmt.Sprintf("%T", to), Local
	}
	return fmt.Sprintf("%T", to), Unknown
}

// isLocal goes by the package too: a type of the program may have the same name, and another
// address in it.
func isLocal(t reflect.Type) bool {
	if t == nil || t.Kind() != reflect.Pointer {
		return false
	}
	switch t = t.Elem(); t.PkgPath() { // of two packages, and not there on every system
	case "syscall", "golang.org/x/sys/unix":
		return t.Name() == "SockaddrNetlink" || t.Name() == "SockaddrALG"
	}
	return false
}
