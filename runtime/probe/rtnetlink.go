package probe

import (
	"encoding/binary"
	"errors"
	"iter"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// rtnetlink is a routing socket (rtnetlink(7)) in one node.
type rtnetlink struct {
	node string
	fd   int
	seq  uint32
	buf  []byte
}

// open runs inside the node.
func (c *rtnetlink) open() (err error) {
	c.buf = make([]byte, 32<<10)
	c.fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	if err := unix.Bind(c.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return errors.Join(err, unix.Close(c.fd))
	}
	return nil
}

// dump asks for all objects of a kind and shows each to visit. A dump that the
// kernel marks as interrupted is as good: every use here is an estimate.
func (c *rtnetlink) dump(kind uint16, body []byte, visit func(syscall.NetlinkMessage)) error {
	return c.ask(kind, unix.NLM_F_DUMP, body, visit)
}

// ask sends a message and shows each answer until the last; flags are
// NLM_F_DUMP or NLM_F_ACK, after which the kernel says which is the last.
func (c *rtnetlink) ask(kind, flags uint16, body []byte, visit func(syscall.NetlinkMessage)) error {
	c.seq++
	if err := c.write(message(kind, unix.NLM_F_REQUEST|flags, c.seq, body)); err != nil {
		return err
	}
	for {
		n, _, err := unix.Recvfrom(c.fd, c.buf, 0)
		if err != nil {
			return err
		}
		messages, err := syscall.ParseNetlinkMessage(c.buf[:n])
		if err != nil {
			return err
		}
		if done, err := c.each(messages, visit); done || err != nil {
			return err
		}
	}
}

// each shows the messages of the current dump and passes over late refusals of
// earlier deletions: an entry may be gone by itself.
func (c *rtnetlink) each(messages []syscall.NetlinkMessage, visit func(syscall.NetlinkMessage)) (done bool, err error) {
	for _, m := range messages {
		switch {
		case m.Header.Seq != c.seq:
		case m.Header.Type == unix.NLMSG_DONE:
			return true, nil
		case m.Header.Type == unix.NLMSG_ERROR && len(m.Data) >= 4:
			return true, refusal(m.Data)
		default:
			visit(m)
		}
	}
	return false, nil
}

// refusal is the error in the body of an NLMSG_ERROR, nil in an acknowledgement.
func refusal(body []byte) error {
	if code := int32(binary.NativeEndian.Uint32(body)); code != 0 {
		return syscall.Errno(-code)
	}
	return nil
}

func (c *rtnetlink) write(b []byte) error {
	return unix.Sendto(c.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
}

// message is a netlink message (netlink(7)).
func message(kind, flags uint16, seq uint32, body []byte) []byte {
	put := binary.NativeEndian
	b := put.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	b = put.AppendUint16(b, kind)
	b = put.AppendUint16(b, flags)
	b = put.AppendUint32(b, seq)
	b = put.AppendUint32(b, 0)
	return append(b, body...)
}

// addresses shows each address of the node, and where it is.
func (c *rtnetlink) addresses(visit func(*port)) error {
	return c.dump(unix.RTM_GETADDR, make([]byte, unix.SizeofIfAddrmsg), func(m syscall.NetlinkMessage) {
		if len(m.Data) < unix.SizeofIfAddrmsg {
			return
		}
		// IFA_ADDRESS is the peer's on a point-to-point link, and the only one of IPv6.
		subnet, ok := netip.AddrFromSlice(attribute(m.Data, unix.SizeofIfAddrmsg, unix.IFA_ADDRESS))
		local, has := netip.AddrFromSlice(attribute(m.Data, unix.SizeofIfAddrmsg, unix.IFA_LOCAL))
		if !has {
			local = subnet
		}
		if !ok || local.IsLoopback() || local.IsLinkLocalUnicast() {
			return
		}
		index := int(binary.NativeEndian.Uint32(m.Data[4:]))
		visit(&port{index: index, local: local, net: netip.PrefixFrom(subnet, int(m.Data[1])).Masked()})
	})
}

// freeNeighbours is how many entries fit in the fuller of the machine's two
// neighbour tables. Each table answers with its limit and the entries of all
// namespaces (rtnetlink(7), RTM_GETNEIGHTBL).
func (c *rtnetlink) freeNeighbours() (int, error) {
	free := 1 << 30
	err := c.dump(unix.RTM_GETNEIGHTBL, make([]byte, 4), func(m syscall.NetlinkMessage) {
		const ndtmsg, entriesAt, ndtaThresh3, ndtaConfig = 4, 4, 4, 5 // linux/neighbour.h
		limit, entries := -1, 0
		for typ, value := range attributes(m.Data, ndtmsg) {
			switch {
			case typ == ndtaThresh3 && len(value) >= 4:
				limit = int(binary.NativeEndian.Uint32(value))
			case typ == ndtaConfig && len(value) >= entriesAt+4:
				entries = int(binary.NativeEndian.Uint32(value[entriesAt:]))
			}
		}
		if limit >= 0 && (m.Data[0] == unix.AF_INET || m.Data[0] == unix.AF_INET6) {
			free = min(free, limit-entries)
		}
	})
	return max(free, 0), err
}

// dropNeighbours deletes the dynamic entries of the node, but for those whose
// resolution is under way: their packets would be refused as unreachable.
func (c *rtnetlink) dropNeighbours() error {
	var orders []byte
	err := c.dump(unix.RTM_GETNEIGH, make([]byte, unix.SizeofNdMsg), func(m syscall.NetlinkMessage) {
		if body := deletable(m.Data); body != nil {
			// No acknowledgement: each would say what dump passes over.
			orders = append(orders, message(unix.RTM_DELNEIGH, unix.NLM_F_REQUEST, c.seq, body)...)
		}
	})
	if err != nil || len(orders) == 0 {
		return err
	}
	c.seq++
	return c.write(orders)
}

// deletable is the body of the message that deletes an entry, or nil.
func deletable(entry []byte) []byte {
	const stateAt, flagsAt = 8, 10
	if len(entry) < unix.SizeofNdMsg || entry[0] != unix.AF_INET && entry[0] != unix.AF_INET6 {
		return nil
	}
	state := binary.NativeEndian.Uint16(entry[stateAt:])
	kept := state&(unix.NUD_PERMANENT|unix.NUD_INCOMPLETE) != 0
	if kept || entry[flagsAt]&unix.NTF_EXT_LEARNED != 0 {
		return nil
	}
	dst := attribute(entry, unix.SizeofNdMsg, unix.NDA_DST)
	if dst == nil {
		return nil
	}
	return withAttribute(entry[:unix.SizeofNdMsg], unix.NDA_DST, dst)
}

// withAttribute is a copy of a message's body with an attribute of a multiple of
// four bytes behind it.
func withAttribute(body []byte, typ uint16, value []byte) []byte {
	b := append([]byte(nil), body...)
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.SizeofRtAttr+len(value)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	return append(b, value...)
}

// attribute is the value of the first attribute of a type, or nil.
func attribute(data []byte, fixed, want int) []byte {
	for typ, value := range attributes(data, fixed) {
		if typ == want {
			return value
		}
	}
	return nil
}

// attributes are the attributes behind the fixed part of a message
// (rtnetlink(3)); each is padded to four bytes.
func attributes(data []byte, fixed int) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for b := data[min(fixed, len(data)):]; len(b) >= 4; {
			n := int(binary.NativeEndian.Uint16(b))
			if n < 4 || n > len(b) {
				return
			}
			if !yield(int(binary.NativeEndian.Uint16(b[2:])&0x3fff), b[4:n]) {
				return
			}
			b = b[min((n+3)&^3, len(b)):]
		}
	}
}
