package kernel

import (
	"encoding/binary"

	"github.com/vishvananda/netlink/nl"

	"nsl/runtime/plan"
)

// tunnelAttrs are the numbers of the attributes of a kind of tunnel that has two ends
// (<linux/if_tunnel.h>, <linux/if_link.h>); 0 for what it does not have.
type tunnelAttrs struct{ id, local, remote, remote6, port, ttl, inKey, outKey, inFlags, outFlags, proto int }

func tunnelAttrsOf(kind string) (tunnelAttrs, bool) {
	ip := tunnelAttrs{local: nl.IFLA_IPTUN_LOCAL, remote: nl.IFLA_IPTUN_REMOTE, ttl: nl.IFLA_IPTUN_TTL, proto: nl.IFLA_IPTUN_PROTO}
	a, ok := map[string]tunnelAttrs{
		plan.IPIP: ip, plan.SIT: ip,
		plan.GRE: {local: nl.IFLA_GRE_LOCAL, remote: nl.IFLA_GRE_REMOTE, ttl: nl.IFLA_GRE_TTL, inKey: nl.IFLA_GRE_IKEY,
			outKey: nl.IFLA_GRE_OKEY, inFlags: nl.IFLA_GRE_IFLAGS, outFlags: nl.IFLA_GRE_OFLAGS},
		plan.GENEVE: {id: nl.IFLA_GENEVE_ID, remote: nl.IFLA_GENEVE_REMOTE, remote6: nl.IFLA_GENEVE_REMOTE6,
			port: nl.IFLA_GENEVE_PORT, ttl: nl.IFLA_GENEVE_TTL},
	}[kind]
	return a, ok
}

// greHasKey is the flag of a GRE header with a key (GRE_KEY, <linux/if_tunnel.h>).
const greHasKey = 0x2000

// tunnelOptions are those of a tunnel with two ends; all others stay at the kernel's
// defaults. The protocol 0 is any that the kind carries, as ip-link(8) asks for it.
func tunnelOptions(opts *nl.RtAttr, o plan.AddLink) {
	a, _ := tunnelAttrsOf(o.Kind)
	add := func(typ int, value []byte) {
		if typ != 0 {
			opts.AddRtAttr(typ, value)
		}
	}
	add(a.id, nl.Uint32Attr(uint32(o.ID)))
	switch {
	case o.Remote.Is4():
		add(a.remote, o.Remote.AsSlice())
	case o.Remote.Is6():
		add(a.remote6, o.Remote.AsSlice())
	}
	if o.Local.Is4() {
		add(a.local, o.Local.AsSlice())
	}
	add(a.port, binary.BigEndian.AppendUint16(nil, uint16(o.Port)))
	add(a.ttl, []byte{byte(o.TTL)})
	add(a.proto, []byte{0})
	if o.Key != 0 {
		key := binary.BigEndian.AppendUint32(nil, uint32(o.Key))
		flags := binary.BigEndian.AppendUint16(nil, greHasKey)
		add(a.inKey, key)
		add(a.outKey, key)
		add(a.inFlags, flags)
		add(a.outFlags, flags)
	}
}

// parseTunnel reads what tunnelOptions wrote.
func (l *rawLink) parseTunnel(opts map[uint16][]byte) {
	a, ok := tunnelAttrsOf(l.Kind)
	if !ok {
		return
	}
	value := func(typ int) []byte {
		if typ == 0 {
			return nil
		}
		return opts[uint16(typ)]
	}
	l.ID = number(value(a.id))
	l.Remote, l.Local = addrIn(opts, uint16(a.remote), uint16(a.remote6)), addrIn(opts, uint16(a.local))
	l.Port, l.Key = int(big16(value(a.port))), int(big32(value(a.outKey)))
	if ttl := value(a.ttl); len(ttl) == 1 {
		l.TTL = int(ttl[0])
	}
}
