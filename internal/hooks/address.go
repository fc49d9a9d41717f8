package hooks

import (
	"fmt"
	"net/netip"
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
	name := fmt.Sprintf("%T", to)
	switch name { // of two packages, and not there on every system
	case "*syscall.SockaddrNetlink", "*unix.SockaddrNetlink", "*unix.SockaddrALG":
		return name, Local
	}
	return name, Unknown
}
