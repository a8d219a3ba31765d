package service

import (
	"errors"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxDatagram is the largest payload of UDP (RFC 768), with room to spare.
const maxDatagram = 1 << 16

// Datagrams answers what comes to a socket, from the address that it came to,
// until the socket is closed. A nil answer is none. What answer gets is its own
// only until it returns.
func Datagrams(c *net.UDPConn, answer func(payload []byte, from netip.AddrPort) []byte) error {
	buf, oob := make([]byte, maxDatagram), make([]byte, 256)
	for {
		n, oobn, _, from, err := c.ReadMsgUDPAddrPort(buf, oob)
		if err != nil {
			if passes(err) {
				continue
			}
			return err
		}
		if reply := answer(buf[:n], from); reply != nil {
			// One that cannot be sent is lost, as datagrams are.
			_, _, _ = c.WriteMsgUDPAddrPort(reply, source(oob[:oobn]), from)
		}
	}
}

// passes reports the errors of a socket that are about an earlier answer: nothing
// waits for it any more (udp(7)).
func passes(err error) bool {
	for _, errno := range []error{unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.ENETUNREACH} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// source is the control message that sends an answer from the address that the
// question came to (ip(7), IP_PKTINFO; RFC 3542, section 6). A socket that is
// bound to all addresses would take the one of the route back.
func source(oob []byte) []byte {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	for _, m := range msgs {
		switch {
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= unix.SizeofInet4Pktinfo:
			in := *(*unix.Inet4Pktinfo)(unsafe.Pointer(&m.Data[0]))
			return unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: in.Addr})
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_PKTINFO && len(m.Data) >= unix.SizeofInet6Pktinfo:
			in := *(*unix.Inet6Pktinfo)(unsafe.Pointer(&m.Data[0]))
			if !netip.AddrFrom16(in.Addr).IsLinkLocalUnicast() {
				in.Ifindex = 0 // the way back may be another
			}
			return unix.PktInfo6(&in)
		}
	}
	return nil
}
