package kernel

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Commands and attributes of the generic netlink family wireguard (<linux/wireguard.h>).
const (
	wgFamily, wgVersion   = "wireguard", 1
	wgGet, wgSet          = 0, 1
	wgIfIndex             = 1
	wgPrivateKey          = 3
	wgListenPort          = 6
	wgPeers               = 8
	wgPeerKey             = 1
	wgPeerFlags           = 3
	wgPeerEndpoint        = 4
	wgPeerKeepalive       = 5
	wgPeerHandshake       = 6
	wgPeerAllowed         = 9
	wgAllowedFamily       = 1
	wgAllowedAddr         = 2
	wgAllowedBits         = 3
	wgRemovePeer          = 1 << 0
	wgReplaceAllowed      = 1 << 1
	genlHeader            = 4 // struct genlmsghdr
	sockaddr4, sockaddr6  = 16, 28
	nested                = unix.NLA_F_NESTED
	ctrlFamilyID          = 1
	ctrlFamilyName        = 2
	ctrlVersion, ctrlFind = 1, unix.CTRL_CMD_GETFAMILY
)

// generic is a socket of generic netlink in the calling thread's namespace, and the number of a
// family.
type generic struct {
	*rtnl.Conn
	family int
}

// dialGeneric finds a family; ENOENT where the kernel lacks it. The caller closes it.
func dialGeneric(d rtnl.Dialer, family string) (*generic, error) {
	c, err := d.DialProtocol(unix.NETLINK_GENERIC)
	if err != nil {
		return nil, err
	}
	g := &generic{c, unix.GENL_ID_CTRL}
	msgs, err := g.ask(ctrlFind, ctrlVersion, 0, attr(ctrlFamilyName, nl.ZeroTerminated(family)))
	if err == nil && len(msgs) == 0 {
		err = unix.ENOENT
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	g.family = int(short(rtnl.Attribute(msgs[0], genlHeader, ctrlFamilyID)))
	return g, nil
}

func (g *generic) ask(command, version byte, flags int, parts ...data) ([][]byte, error) {
	body := []byte{command, version, 0, 0}
	for _, p := range parts {
		body = append(body, p.Serialize()...)
	}
	return g.Request(g.family, flags, g.family, body)
}

// onWG asks the family wireguard about an interface of a node.
func (h *handle) onWG(f func(*generic) error) error {
	return h.Inside(func() error {
		g, err := dialGeneric(h.netlink, wgFamily)
		if err != nil {
			return err
		}
		defer func() { _ = g.Close() }()
		return f(g)
	})
}

// giveWG reads the configurations of those of some interfaces that are of the kind wireguard.
func (h *handle) giveWG(links ...*plan.Link) error {
	links = slices.DeleteFunc(links, func(l *plan.Link) bool { return l.Kind != plan.WireGuard })
	if len(links) == 0 {
		return nil
	}
	return h.onWG(func(g *generic) error {
		for _, l := range links {
			msgs, err := g.ask(wgGet, wgVersion, unix.NLM_F_DUMP, attr32(wgIfIndex, uint32(l.Index)))
			if err != nil {
				return err
			}
			l.WG = parseWG(msgs)
		}
		return nil
	})
}

// parseWG reads what the kernel says of an interface, in as many messages as it takes; a peer
// that does not fit into one goes on in the next.
func parseWG(msgs [][]byte) (c plan.WG) {
	for _, msg := range msgs {
		for typ, value := range rtnl.Attributes(msg, genlHeader) {
			switch typ {
			case wgPrivateKey:
				copy(c.Key[:], value)
			case wgListenPort:
				c.Port = int(short(value))
			case wgPeers:
				for _, peer := range rtnl.Attributes(value, 0) {
					p := parsePeer(peer)
					if before, ok := c.Peer(p.Key); ok {
						before.Allowed = append(before.Allowed, p.Allowed...)
						p = before
					}
					c = c.With(p)
				}
			}
		}
	}
	return c
}

func parsePeer(b []byte) (p plan.WGPeer) {
	for typ, value := range rtnl.Attributes(b, 0) {
		switch typ {
		case wgPeerKey:
			copy(p.Key[:], value)
		case wgPeerEndpoint:
			p.Endpoint = parseSockaddr(value)
		case wgPeerKeepalive:
			p.Keepalive = int(short(value))
		case wgPeerHandshake:
			if len(value) >= 16 && binary.NativeEndian.Uint64(value) != 0 {
				p.Handshake = time.Unix(int64(binary.NativeEndian.Uint64(value)), int64(binary.NativeEndian.Uint64(value[8:])))
			}
		case wgPeerAllowed:
			for _, allowed := range rtnl.Attributes(value, 0) {
				bits := rtnl.Attribute(allowed, 0, wgAllowedBits)
				if a, ok := netip.AddrFromSlice(rtnl.Attribute(allowed, 0, wgAllowedAddr)); ok && len(bits) == 1 {
					p.Allowed = append(p.Allowed, netip.PrefixFrom(a, int(bits[0])))
				}
			}
		}
	}
	return p
}

// parseSockaddr reads struct sockaddr_in or sockaddr_in6.
func parseSockaddr(b []byte) netip.AddrPort {
	switch {
	case len(b) >= sockaddr6 && short(b) == unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])), big16(b[2:]))
	case len(b) >= sockaddr4 && short(b) == unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), big16(b[2:]))
	}
	return netip.AddrPort{}
}

func sockaddr(a netip.AddrPort) []byte {
	family, size := uint16(unix.AF_INET), sockaddr4
	if a.Addr().Is6() {
		family, size = unix.AF_INET6, sockaddr6
	}
	b := binary.BigEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, family), a.Port())
	if a.Addr().Is6() {
		b = append(b, 0, 0, 0, 0) // the flow label
	}
	b = append(b, a.Addr().AsSlice()...)
	return append(b, make([]byte, size-len(b))...)
}

// setWG changes what differs from the configuration before.
func (h *handle) setWG(o plan.SetWG) error {
	l, err := h.link(o.Name)
	if err != nil {
		return err
	}
	parts := []data{attr32(wgIfIndex, uint32(l.Index))}
	if o.WG.Key != o.Was.Key {
		parts = append(parts, attr(wgPrivateKey, o.WG.Key[:]))
	}
	if o.WG.Port != o.Was.Port {
		parts = append(parts, attr(wgListenPort, nl.Uint16Attr(uint16(o.WG.Port))))
	}
	gone, set := o.Changes()
	peers := attr(wgPeers|nested, nil)
	for _, k := range gone {
		p := peers.AddRtAttr(nested, nil)
		p.AddRtAttr(wgPeerKey, k[:])
		p.AddRtAttr(wgPeerFlags, nl.Uint32Attr(wgRemovePeer))
	}
	for _, p := range set {
		addPeer(peers, p)
	}
	return h.onWG(func(g *generic) error {
		_, err := g.ask(wgSet, wgVersion, unix.NLM_F_ACK, append(parts, peers)...)
		return err
	})
}

func addPeer(peers *nl.RtAttr, p plan.WGPeer) {
	at := peers.AddRtAttr(nested, nil)
	at.AddRtAttr(wgPeerKey, p.Key[:])
	at.AddRtAttr(wgPeerFlags, nl.Uint32Attr(wgReplaceAllowed))
	if p.Endpoint.IsValid() {
		at.AddRtAttr(wgPeerEndpoint, sockaddr(p.Endpoint))
	}
	at.AddRtAttr(wgPeerKeepalive, nl.Uint16Attr(uint16(p.Keepalive)))
	allowed := at.AddRtAttr(wgPeerAllowed|nested, nil)
	for _, a := range p.Allowed {
		family := uint16(unix.AF_INET)
		if a.Addr().Is6() {
			family = unix.AF_INET6
		}
		ip := allowed.AddRtAttr(nested, nil)
		ip.AddRtAttr(wgAllowedFamily, nl.Uint16Attr(family))
		ip.AddRtAttr(wgAllowedAddr, a.Addr().AsSlice())
		ip.AddRtAttr(wgAllowedBits, []byte{byte(a.Bits())})
	}
}
