package kernel

import (
	"net"
	"slices"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// rawLink is an interface with what the kernel gives by number.
type rawLink struct {
	plan.Link
	master int
	// peer is the index of a veth's other end, and peerNS the number that this
	// namespace has for the other's; -1 is this one.
	peer, peerNS int
	// under is the index of what frames leave by, in the namespace peerNS; 0 is
	// none.
	lower int
	// running is whether it is in operation (IFF_RUNNING).
	running bool
}

// Links are the interfaces of a node by index, loopback included.
func (w *World) Links(node string) ([]plan.Link, error) { return look(w, node, w.fullLinks) }

// Link is one interface of a node.
func (w *World) Link(node, name string) (plan.Link, error) {
	return look(w, node, func(h *handle) (plan.Link, error) { return w.fullLink(h, name) })
}

func (w *World) fullLinks(h *handle) ([]plan.Link, error) {
	raw, err := h.links()
	if err != nil {
		return nil, err
	}
	addrs, err := h.addrs(0)
	if err != nil {
		return nil, err
	}
	byIndex := map[int]rawLink{}
	for _, l := range raw {
		byIndex[l.Index] = l
	}
	links := make([]plan.Link, len(raw))
	all := make([]*plan.Link, len(raw))
	for i, l := range raw {
		if err := w.resolveLower(h, &l); err != nil {
			return nil, err
		}
		l.giveMaster(byIndex[l.master])
		giveAddrs(&l.Link, addrs[l.Index])
		links[i], all[i] = l.Link, &links[i]
	}
	if err := h.giveVLANs(all...); err != nil {
		return nil, err
	}
	if err := h.giveWG(slices.Clone(all)...); err != nil {
		return nil, err
	}
	return links, h.shaped(all...)
}

// giveMaster says what its master is to it.
func (l *rawLink) giveMaster(master rawLink) {
	switch master.Kind {
	case plan.VRF:
		l.VRF = master.Name
	case plan.Bond:
		l.Bond = master.Name
	default:
		l.Master = master.Name
	}
}

func (w *World) fullLink(h *handle, name string) (plan.Link, error) {
	l, err := h.link(name)
	if err != nil {
		return plan.Link{}, err
	}
	addrs, err := h.addrs(l.Index)
	if err != nil {
		return plan.Link{}, err
	}
	if err := w.resolveLower(h, &l); err != nil {
		return plan.Link{}, err
	}
	giveAddrs(&l.Link, addrs[l.Index])
	group := []*plan.Link{&l.Link}
	if l.master != 0 {
		master, err := h.linkAt(l.master)
		if err != nil {
			return plan.Link{}, err
		}
		l.giveMaster(master)
		group = append(group, &master.Link)
	}
	if err := h.giveVLANs(group...); err != nil {
		return plan.Link{}, err
	}
	if err := h.giveWG(&l.Link); err != nil {
		return plan.Link{}, err
	}
	return l.Link, h.shaped(&l.Link)
}

// skipStats leaves the counters out of answers (RTEXT_FILTER_SKIP_STATS,
// <linux/rtnetlink.h>).
const skipStats = 1 << 3

func linkFilter() data { return attr32(unix.IFLA_EXT_MASK, skipStats) }

// links are the interfaces in the order of the kernel's list: by index. Those that
// modules make by themselves are left out: they come and go with a module.
func (h *handle) links() ([]rawLink, error) {
	msgs, err := h.route.dump(unix.RTM_GETLINK, unix.RTM_NEWLINK, nl.NewIfInfomsg(unix.AF_UNSPEC), linkFilter())
	if err != nil {
		return nil, err
	}
	links := make([]rawLink, 0, len(msgs))
	for _, m := range msgs {
		l, err := h.parseLink(m)
		if err != nil {
			return nil, err
		}
		if !plan.Fallback(l.Kind, l.Name) {
			links = append(links, l)
		}
	}
	return links, nil
}

// link is the interface of that name.
func (h *handle) link(name string) (rawLink, error) {
	if err := checkName(name); err != nil {
		return rawLink{}, noLink(h, name, err)
	}
	msg, err := h.route.get(unix.RTM_GETLINK, unix.RTM_NEWLINK,
		nl.NewIfInfomsg(unix.AF_UNSPEC), attrIfName(name), linkFilter())
	if err != nil {
		return rawLink{}, noLink(h, name, err)
	}
	return h.parseLink(msg)
}

// linkAt is the interface with that index.
func (h *handle) linkAt(index int) (rawLink, error) {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index = int32(index)
	msg, err := h.route.get(unix.RTM_GETLINK, unix.RTM_NEWLINK, m, linkFilter())
	if err != nil {
		return rawLink{}, noLink(h, "", err)
	}
	return h.parseLink(msg)
}

// index is the kernel's number for an interface.
func (h *handle) index(name string) (int, error) {
	l, err := h.link(name)
	return l.Index, err
}

func (h *handle) parseLink(msg []byte) (rawLink, error) {
	as, err := attrs(msg, unix.SizeofIfInfomsg)
	if err != nil {
		return rawLink{}, err
	}
	m := nl.DeserializeIfInfomsg(msg)
	l := rawLink{master: number(as[unix.IFLA_MASTER]), peer: number(as[unix.IFLA_LINK]), peerNS: -1}
	if id, ok := as[unix.IFLA_LINK_NETNSID]; ok {
		l.peerNS = int(int32(number(id)))
	}
	l.Node, l.Name, l.Index = h.name, str(as[unix.IFLA_IFNAME]), int(m.Index)
	l.running = m.Flags&unix.IFF_RUNNING != 0
	l.Up, l.Carrier = m.Flags&unix.IFF_UP != 0, m.Flags&unix.IFF_LOWER_UP != 0
	l.Queue = str(as[unix.IFLA_QDISC])
	l.parseFlags(m.Flags)
	l.Alias, l.TxQueue = str(as[unix.IFLA_IFALIAS]), number(as[unix.IFLA_TXQLEN])
	l.MTU, l.MAC = number(as[unix.IFLA_MTU]), net.HardwareAddr(as[unix.IFLA_ADDRESS]).String()
	err = l.parseInfo(m.Type, as[unix.IFLA_LINKINFO])
	if plan.KindOf(l.Kind).Bare {
		l.MAC = "" // it has the address of a tunnel's end in its place
	}
	return l, err
}

// parseInfo reads the kind and its options; hardware is the type of device
// (ARPHRD_*, <linux/if_arp.h>).
func (l *rawLink) parseInfo(hardware uint16, info []byte) error {
	as, err := attrs(info, 0)
	if err != nil {
		return err
	}
	l.Kind = str(as[unix.IFLA_INFO_KIND])
	switch str(as[unix.IFLA_INFO_SLAVE_KIND]) {
	case "bridge":
		err = l.parsePort(as[unix.IFLA_INFO_SLAVE_DATA])
	case plan.Bond:
		err = l.parseMember(as[unix.IFLA_INFO_SLAVE_DATA])
	}
	if err != nil {
		return err
	}
	if l.Kind != "bridge" {
		l.lower, err = l.parseKind(hardware, as[unix.IFLA_INFO_DATA])
		return err
	}
	return l.parseBridge(as[unix.IFLA_INFO_DATA])
}

// portStates are the states of a port by number (BR_STATE_*, <linux/if_bridge.h>).
var portStates = []string{"disabled", "listening", "learning", "forwarding", "blocking"}
