package probe

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readError reads one record of the error queue (ip(7), IP_RECVERR) and tells
// whether there was one. The record's data is the request as it was sent, from
// its ICMP header on: that is how it is matched.
func (s *socket) readError() bool {
	n, oobn, _, to, err := unix.Recvmsg(s.fd, s.buf, s.oob, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return false
	}
	ee, ok := extendedError(findControl(s.oob[:oobn], s.errLevel, s.errType))
	if !ok || !s.isOurs(s.buf[:n]) {
		return true
	}
	e := s.take(binary.BigEndian.Uint16(s.buf[6:]), func(e *echo) bool {
		return e.to.WithZone("") == sender(to)
	})
	if e != nil {
		e.flight.refused(ee.refusal())
	}
	return true
}

// isOurs reports whether an ICMP message is a request of this socket: an error
// goes to every raw socket of the namespace.
func (s *socket) isOurs(b []byte) bool {
	return len(b) >= 8 && b[0] == s.requestType && binary.BigEndian.Uint16(b[4:]) == s.id
}

// extendedError decodes struct sock_extended_err and the address after it, the
// offender. Only errors that came as ICMP messages count: what the kernel itself
// refuses is also the send's own error.
func extendedError(b []byte) (icmpError, bool) {
	const size = 16
	if len(b) < size {
		return icmpError{}, false
	}
	if origin := b[4]; origin != unix.SO_EE_ORIGIN_ICMP && origin != unix.SO_EE_ORIGIN_ICMP6 {
		return icmpError{}, false
	}
	from := offender(b[size:])
	return icmpError{typ: b[5], code: b[6], info: binary.NativeEndian.Uint32(b[8:]), from: from}, from.IsValid()
}

// offender is the address in a struct sockaddr_in or sockaddr_in6.
func offender(b []byte) netip.Addr {
	if len(b) < 8 {
		return netip.Addr{}
	}
	switch family := binary.NativeEndian.Uint16(b); {
	case family == unix.AF_INET:
		return netip.AddrFrom4([4]byte(b[4:8]))
	case family == unix.AF_INET6 && len(b) >= 24:
		return netip.AddrFrom16([16]byte(b[8:24])).Unmap()
	}
	return netip.Addr{}
}

// sender is the address of a sockaddr, without a zone.
func sender(a unix.Sockaddr) netip.Addr {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr)
	}
	return netip.Addr{}
}

// findControl is the data of a control message (cmsg(3)), or nil.
func findControl(oob []byte, level, typ int) []byte {
	for len(oob) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			return nil
		}
		if int(h.Level) == level && int(h.Type) == typ {
			return data
		}
		oob = rest
	}
	return nil
}

// intControl is a control message that holds an int.
func intControl(level, typ, value int) []byte {
	b := make([]byte, unix.CmsgSpace(4))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = int32(level), int32(typ)
	h.SetLen(unix.CmsgLen(4))
	binary.NativeEndian.PutUint32(b[unix.CmsgLen(0):], uint32(value))
	return b
}
