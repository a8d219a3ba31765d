package content

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// message is a kind of thing that one message of rtnetlink(7) makes or deletes, which is
// what a dump has of it.
type message struct {
	kind          string
	get, add, del int
	// flags are those of a message that adds it.
	flags int
	// asks are the bodies of the dumps, and fixed the size of the header before attributes.
	asks  [][]byte
	fixed int
	// drop are attributes that say no more than what the kernel does with it.
	drop []int
	// fix takes out of the header what changes by itself; it reports what is left out.
	fix func(r *reader, m []byte) bool
	// text are words for people.
	text func(r *reader, m []byte) string
}

// Types and attributes that golang.org/x/sys does not have (<linux/rtnetlink.h>,
// <linux/nexthop.h>, <linux/neighbour.h>).
const (
	sizeofNdMsg, sizeofTcMsg, sizeofRuleHdr, sizeofNhMsg = 12, 20, 12, 8
	ndaCacheInfo, ndaProbes, ndaMaster                   = 3, 4, 9
)

// header is the body of a dump: a family, and zeros.
func header(family byte, size int) []byte {
	b := make([]byte, size)
	b[0] = family
	return b
}

func both(size int) [][]byte {
	return [][]byte{header(unix.AF_INET, size), header(unix.AF_INET6, size)}
}

// kinds are those that are read and written alike.
func kinds() []message {
	proxies := both(sizeofNdMsg)
	for _, b := range proxies {
		b[10] = unix.NTF_PROXY
	}
	return []message{
		{plan.NextHopItem, unix.RTM_GETNEXTHOP, unix.RTM_NEWNEXTHOP, unix.RTM_DELNEXTHOP, unix.NLM_F_CREATE | unix.NLM_F_EXCL,
			[][]byte{header(unix.AF_UNSPEC, sizeofNhMsg)}, sizeofNhMsg, nil, fixNextHop, textOf("nexthop")},
		{plan.AddressItem, unix.RTM_GETADDR, unix.RTM_NEWADDR, unix.RTM_DELADDR, unix.NLM_F_CREATE | unix.NLM_F_EXCL,
			both(unix.SizeofIfAddrmsg), unix.SizeofIfAddrmsg, []int{unix.IFA_CACHEINFO}, fixAddress, addressText},
		{plan.RouteItem, unix.RTM_GETROUTE, unix.RTM_NEWROUTE, unix.RTM_DELROUTE, unix.NLM_F_CREATE | unix.NLM_F_APPEND,
			both(unix.SizeofRtMsg), unix.SizeofRtMsg, []int{unix.RTA_CACHEINFO}, fixRoute, routeText},
		{plan.RuleItem, unix.RTM_GETRULE, unix.RTM_NEWRULE, unix.RTM_DELRULE, unix.NLM_F_CREATE | unix.NLM_F_EXCL,
			both(sizeofRuleHdr), sizeofRuleHdr, nil, fixRule, textOf("rule")},
		{plan.NeighbourItem, unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH, unix.NLM_F_CREATE | unix.NLM_F_REPLACE,
			append(both(sizeofNdMsg), proxies...), sizeofNdMsg, []int{ndaCacheInfo, ndaProbes}, fixNeighbour, neighbourText},
		{plan.ForwardingItem, unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH, unix.NLM_F_CREATE | unix.NLM_F_APPEND,
			[][]byte{header(unix.AF_BRIDGE, sizeofNdMsg)}, sizeofNdMsg, []int{ndaCacheInfo, ndaProbes, ndaMaster}, fixForwarding, neighbourText},
	}
}

func (r *reader) messages() error {
	for _, k := range kinds() {
		for _, ask := range k.asks {
			msgs, err := dump(r.conn, k.get, k.add, ask)
			if err != nil {
				return err
			}
			slices.SortStableFunc(msgs, func(a, b []byte) int { return cmp.Compare(k.depends(a), k.depends(b)) })
			for _, m := range msgs {
				if len(m) >= k.fixed {
					r.message(k, m)
				}
			}
		}
	}
	return nil
}

// depends is 0 for a route that needs no other, and 1 for one that leads over a gateway.
func (k message) depends(m []byte) int {
	if k.kind == plan.RouteItem && (rtnl.Attribute(m, k.fixed, unix.RTA_GATEWAY) != nil || rtnl.Attribute(m, k.fixed, unix.RTA_MULTIPATH) != nil) {
		return 1
	}
	return 0
}

func (r *reader) message(k message, m []byte) {
	if !k.fix(r, m) {
		return
	}
	data := string(without(m, k.fixed, k.drop...))
	r.items = append(r.items, plan.Item{Kind: k.kind, Key: data, Data: data, Text: k.text(r, m)})
}

// writeMessage deletes what was, and adds what is to be.
func writeMessage(c *rtnl.Conn, was, is plan.Item) error {
	for _, k := range append(kinds(), trafficKinds()...) {
		if was.Kind == k.kind {
			body := []byte(was.Data)
			if k.kind == plan.NextHopItem { // its number is all that the kernel takes
				const id = 1
				body = rtnl.WithAttribute(header(unix.AF_UNSPEC, sizeofNhMsg), id, rtnl.Attribute(body, sizeofNhMsg, id))
			}
			if err := tolerant(change(c, k.del, 0, body), true); err != nil {
				return err
			}
		}
		if is.Kind == k.kind {
			flags := k.flags
			if k.kind == plan.RouteItem && is.Data[0] == unix.AF_INET6 {
				flags = unix.NLM_F_CREATE // to append is to make a route of several ways
			}
			if err := tolerant(change(c, k.add, flags, []byte(is.Data)), false); err != nil {
				return err
			}
		}
	}
	return nil
}

// fixNextHop takes out states; a scope is not for who adds one.
func fixNextHop(_ *reader, m []byte) bool {
	m[1] = 0
	binary.NativeEndian.PutUint32(m[4:], binary.NativeEndian.Uint32(m[4:])&unix.RTNH_F_ONLINK)
	return true
}

// fixAddress takes out what duplicate address detection and the order of addresses have
// made of the flags.
func fixAddress(_ *reader, m []byte) bool {
	const own = unix.IFA_F_SECONDARY | unix.IFA_F_TENTATIVE | unix.IFA_F_DADFAILED | unix.IFA_F_DEPRECATED | unix.IFA_F_OPTIMISTIC
	m[2] &^= own
	if flags := rtnl.Attribute(m, unix.SizeofIfAddrmsg, unix.IFA_FLAGS); len(flags) == 4 {
		v := binary.NativeEndian.Uint32(flags) &^ own
		if m[0] == unix.AF_INET6 {
			v |= unix.IFA_F_NODAD
		}
		binary.NativeEndian.PutUint32(flags, v)
	}
	return true
}

// fixRoute leaves out the addresses of the node itself, and routes that are cached or come and go with a
// router's advertisements.
func fixRoute(_ *reader, m []byte) bool {
	const protocolAt, rtFlagsAt = 5, 8
	table := number32(m, unix.SizeofRtMsg, unix.RTA_TABLE)
	flags := binary.NativeEndian.Uint32(m[rtFlagsAt:])
	if table == unix.RT_TABLE_LOCAL && m[protocolAt] == unix.RTPROT_KERNEL || m[protocolAt] == unix.RTPROT_RA || flags&unix.RTM_F_CLONED != 0 {
		return false
	}
	binary.NativeEndian.PutUint32(m[rtFlagsAt:], flags&unix.RTNH_F_ONLINK)
	for ways := rtnl.Attribute(m, unix.SizeofRtMsg, unix.RTA_MULTIPATH); len(ways) >= unix.SizeofRtNexthop; {
		ways[2] &= unix.RTNH_F_ONLINK
		n := int(binary.NativeEndian.Uint16(ways))
		ways = ways[min(max((n+3)&^3, unix.SizeofRtNexthop), len(ways)):]
	}
	return true
}

// fixRule takes out whether its interface and its target are there.
func fixRule(_ *reader, m []byte) bool {
	const invert = 2
	binary.NativeEndian.PutUint32(m[8:], binary.NativeEndian.Uint32(m[8:])&invert)
	return true
}

// fixNeighbour leaves out what was learned.
func fixNeighbour(_ *reader, m []byte) bool {
	return binary.NativeEndian.Uint16(m[8:])&unix.NUD_PERMANENT != 0 || m[10]&unix.NTF_PROXY != 0
}

// fixForwarding leaves out what was learned, addresses of interfaces of the node, and what
// an interface listens to. Whose entry it is, is said by other means in a dump.
func fixForwarding(r *reader, m []byte) bool {
	mac := rtnl.Attribute(m, sizeofNdMsg, unix.NDA_LLADDR)
	if binary.NativeEndian.Uint16(m[8:])&(unix.NUD_PERMANENT|unix.NUD_NOARP) == 0 || r.macs[string(mac)] || len(mac) > 0 && mac[0]&1 != 0 {
		return false
	}
	master := number32(m, sizeofNdMsg, ndaMaster)
	if master != 0 && master != binary.NativeEndian.Uint32(m[4:]) {
		m[10] |= unix.NTF_MASTER
	} else {
		m[10] |= unix.NTF_SELF
	}
	return true
}

func textOf(kind string) func(*reader, []byte) string {
	return func(*reader, []byte) string { return kind }
}

func ipText(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.String()
}

func addressText(r *reader, m []byte) string {
	local := rtnl.Attribute(m, unix.SizeofIfAddrmsg, unix.IFA_LOCAL)
	if local == nil {
		local = rtnl.Attribute(m, unix.SizeofIfAddrmsg, unix.IFA_ADDRESS)
	}
	return fmt.Sprintf("%s %s/%d", r.names[binary.NativeEndian.Uint32(m[4:])], ipText(local), m[1])
}

func routeText(r *reader, m []byte) string {
	if m[5] == unix.RTPROT_KERNEL {
		return "" // it comes and goes with an address
	}
	text := "route default"
	if dst := rtnl.Attribute(m, unix.SizeofRtMsg, unix.RTA_DST); dst != nil {
		text = fmt.Sprintf("route %s/%d", ipText(dst), m[1])
	}
	if via := rtnl.Attribute(m, unix.SizeofRtMsg, unix.RTA_GATEWAY); via != nil {
		text += " via " + ipText(via)
	}
	if name := r.names[number32(m, unix.SizeofRtMsg, unix.RTA_OIF)]; name != "" {
		text += " dev " + name
	}
	return text
}

func neighbourText(r *reader, m []byte) string {
	words := []string{"neighbour"}
	if m[0] == unix.AF_BRIDGE {
		words = []string{"fdb"}
	} else {
		words = append(words, ipText(rtnl.Attribute(m, sizeofNdMsg, unix.NDA_DST)))
	}
	var mac []string
	for _, b := range rtnl.Attribute(m, sizeofNdMsg, unix.NDA_LLADDR) {
		mac = append(mac, fmt.Sprintf("%02x", b))
	}
	return strings.Join(append(words, strings.Join(mac, ":"), "dev", r.names[binary.NativeEndian.Uint32(m[4:])]), " ")
}
