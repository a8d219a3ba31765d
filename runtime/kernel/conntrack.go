package kernel

import (
	"cmp"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Messages and attributes of ctnetlink (<linux/netfilter/nfnetlink_conntrack.h>).
const (
	ctNew    = unix.NFNL_SUBSYS_CTNETLINK << 8
	ctGet    = ctNew | 1
	ctDelete = ctNew | 2

	ctaTupleOrig, ctaTupleReply, ctaStatus, ctaProtoInfo, ctaMark = 1, 2, 3, 4, 8

	ctaTupleIP, ctaTupleProto                     = 1, 2
	ctaIP4Src, ctaIP4Dst, ctaIP6Src, ctaIP6Dst    = 1, 2, 3, 4
	ctaProtoNum, ctaProtoSrcPort, ctaProtoDstPort = 1, 2, 3
	ctaProtoInfoTCP, ctaProtoInfoTCPState         = 1, 1
	nfgenSize                                     = 4
	seenReply                                     = 1 << 1 // IPS_SEEN_REPLY
)

// tcpStates are the names of enum tcp_conntrack.
func tcpStates() []string {
	return []string{"none", "syn-sent", "syn-recv", "established", "fin-wait", "close-wait", "last-ack", "time-wait", "close", "syn-sent"}
}

// Connections are those that a node's connection tracking knows; none where the kernel has
// no connection tracking.
func (w *World) Connections(node string) (list []plan.Connection, err error) {
	err = w.Inside(node, func() error {
		msgs, err := askConntrack(w.netlink, ctGet, unix.NLM_F_DUMP)
		for _, m := range msgs {
			if c, ok := parseConnection(m); ok {
				list = append(list, c)
			}
		}
		return err
	})
	slices.SortStableFunc(list, func(a, b plan.Connection) int {
		return cmp.Or(cmp.Compare(a.Proto, b.Proto), a.From.Compare(b.From), a.To.Compare(b.To))
	})
	return list, err
}

// FlushConnections empties the table of connections of the calling thread's namespace.
func FlushConnections(d rtnl.Dialer) error {
	_, err := askConntrack(d, ctDelete, unix.NLM_F_ACK)
	return err
}

func askConntrack(d rtnl.Dialer, kind, flags int) ([][]byte, error) {
	c, err := d.DialProtocol(unix.NETLINK_NETFILTER)
	if errors.Is(err, unix.EPROTONOSUPPORT) {
		return nil, nil // a kernel without netfilter
	}
	if err != nil {
		return nil, err
	}
	defer c.Close()
	msgs, err := c.Request(kind, flags, ctNew, make([]byte, nfgenSize))
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) {
		return nil, nil // nfnetlink without conntrack (nfnetlink_rcv_msg)
	}
	return msgs, err
}

// parseConnection reads an entry; one of which the kernel did not tell both directions is none.
func parseConnection(msg []byte) (c plan.Connection, ok bool) {
	orig, reply := rtnl.Attribute(msg, nfgenSize, ctaTupleOrig), rtnl.Attribute(msg, nfgenSize, ctaTupleReply)
	if c.From, c.To, ok = parseTuple(orig); !ok {
		return c, false
	}
	// Replies come from where the packets were sent in the end.
	if c.NewTo, c.NewFrom, ok = parseTuple(reply); !ok {
		return c, false
	}
	c.Proto = protoOf(orig)
	c.Answered = big32(rtnl.Attribute(msg, nfgenSize, ctaStatus))&seenReply != 0
	c.Mark = big32(rtnl.Attribute(msg, nfgenSize, ctaMark))
	c.State = map[bool]string{true: "answered", false: "unanswered"}[c.Answered]
	tcp := rtnl.Attribute(rtnl.Attribute(msg, nfgenSize, ctaProtoInfo), 0, ctaProtoInfoTCP)
	if s := rtnl.Attribute(tcp, 0, ctaProtoInfoTCPState); len(s) > 0 && int(s[0]) < len(tcpStates()) {
		c.State = tcpStates()[s[0]]
	}
	return c, true
}

// parseTuple are the ends of one direction.
func parseTuple(tuple []byte) (src, dst netip.AddrPort, ok bool) {
	ip, proto := rtnl.Attribute(tuple, 0, ctaTupleIP), rtnl.Attribute(tuple, 0, ctaTupleProto)
	end := func(four, six, port int) netip.AddrPort {
		b := rtnl.Attribute(ip, 0, four)
		if b == nil {
			b = rtnl.Attribute(ip, 0, six)
		}
		a, _ := netip.AddrFromSlice(b)
		return netip.AddrPortFrom(a, big16(rtnl.Attribute(proto, 0, port)))
	}
	src = end(ctaIP4Src, ctaIP6Src, ctaProtoSrcPort)
	dst = end(ctaIP4Dst, ctaIP6Dst, ctaProtoDstPort)
	return src, dst, src.Addr().IsValid() && dst.Addr().IsValid()
}

func protoOf(tuple []byte) string {
	n := rtnl.Attribute(rtnl.Attribute(tuple, 0, ctaTupleProto), 0, ctaProtoNum)
	if len(n) == 0 {
		return ""
	}
	for name, number := range l4protos {
		if number == n[0] {
			return name
		}
	}
	return strconv.Itoa(int(n[0]))
}

func big16(b []byte) uint16 {
	if len(b) < 2 {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}

func big32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}
