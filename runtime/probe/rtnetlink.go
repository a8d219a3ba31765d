package probe

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"nsl/runtime/rtnl"
)

// rtnetlink is a routing socket (rtnetlink(7)) in one node.
type rtnetlink struct {
	node   string
	dialer rtnl.Dialer
	*rtnl.Conn
}

// open runs inside the node.
func (c *rtnetlink) open() (err error) {
	c.Conn, err = c.dialer.Dial()
	return err
}

// dump asks for all objects of a kind.
func (c *rtnetlink) dump(kind, answer, header int) ([][]byte, error) {
	return c.Request(kind, unix.NLM_F_DUMP, answer, make([]byte, header))
}

// addresses shows each address of the node, and where it is.
func (c *rtnetlink) addresses(visit func(*port)) error {
	bodies, err := c.dump(unix.RTM_GETADDR, unix.RTM_NEWADDR, unix.SizeofIfAddrmsg)
	for _, m := range bodies {
		if len(m) < unix.SizeofIfAddrmsg {
			continue
		}
		// IFA_ADDRESS is the peer's on a point-to-point link, and the only one of IPv6.
		subnet, ok := netip.AddrFromSlice(rtnl.Attribute(m, unix.SizeofIfAddrmsg, unix.IFA_ADDRESS))
		local, has := netip.AddrFromSlice(rtnl.Attribute(m, unix.SizeofIfAddrmsg, unix.IFA_LOCAL))
		if !has {
			local = subnet
		}
		if !ok || local.IsLoopback() || local.Is6() && local.IsLinkLocalUnicast() {
			continue
		}
		index := int(binary.NativeEndian.Uint32(m[4:]))
		visit(&port{index: index, local: local, net: netip.PrefixFrom(subnet, int(m[1])).Masked()})
	}
	return err
}

// freeNeighbours is how many entries fit in the fuller of the machine's two
// neighbour tables. Each table answers with its limit and the entries of all
// namespaces (rtnetlink(7), RTM_GETNEIGHTBL).
func (c *rtnetlink) freeNeighbours() (int, error) {
	free := 1 << 30
	err := c.tables(func(t table) { free = min(free, t.limit-t.entries) })
	return max(free, 0), err
}

// overflows is how often either table was full since the machine started.
func (c *rtnetlink) overflows() (n uint64, err error) {
	err = c.tables(func(t table) { n += t.overflows })
	return n, err
}

// table is a neighbour table of the machine.
type table struct {
	limit, entries int
	overflows      uint64
}

// tables shows the tables of both families.
func (c *rtnetlink) tables(visit func(table)) error {
	// linux/neighbour.h; kernels before 4.4 do not count overflows.
	const ndtmsg, entriesAt, overflowsAt, ndtaThresh3, ndtaConfig, ndtaStats = 4, 4, 80, 4, 5, 7
	bodies, err := c.dump(unix.RTM_GETNEIGHTBL, unix.RTM_NEWNEIGHTBL, ndtmsg)
	for _, m := range bodies {
		t := table{limit: -1}
		for typ, value := range rtnl.Attributes(m, ndtmsg) {
			switch {
			case typ == ndtaThresh3 && len(value) >= 4:
				t.limit = int(binary.NativeEndian.Uint32(value))
			case typ == ndtaConfig && len(value) >= entriesAt+4:
				t.entries = int(binary.NativeEndian.Uint32(value[entriesAt:]))
			case typ == ndtaStats && len(value) >= overflowsAt+8:
				t.overflows = binary.NativeEndian.Uint64(value[overflowsAt:])
			}
		}
		if t.limit >= 0 && (m[0] == unix.AF_INET || m[0] == unix.AF_INET6) {
			visit(t)
		}
	}
	return err
}

// dropNeighbours deletes the dynamic entries of the node, but for those whose
// resolution is under way: their packets would be refused as unreachable.
func (c *rtnetlink) dropNeighbours() error {
	bodies, err := c.dump(unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, unix.SizeofNdMsg)
	var orders []byte
	for _, m := range bodies {
		if body := deletable(m); body != nil {
			orders = append(orders, rtnl.Order(unix.RTM_DELNEIGH, 0, body)...)
		}
	}
	if err != nil || len(orders) == 0 {
		return err
	}
	return c.Send(orders) // an entry may be gone by itself
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
	dst := rtnl.Attribute(entry, unix.SizeofNdMsg, unix.NDA_DST)
	if dst == nil {
		return nil
	}
	return rtnl.WithAttribute(entry[:unix.SizeofNdMsg], unix.NDA_DST, dst)
}
