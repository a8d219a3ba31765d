package ruleset

import (
	"encoding/binary"
	"net"
	"net/netip"

	"nsl/runtime/plan"
)

// native32 is a number as the kernel has it in a register.
func native32(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

// padded is a name as the kernel compares it (IFNAMSIZ).
func padded(name string) []byte { return append([]byte(name), make([]byte, max(0, 16-len(name)))...) }

// meta is what is known of a packet besides its bytes.
func (p *Packet) meta(key string) data {
	switch key {
	case "length":
		if p.Size == 0 {
			return unknown(4)
		}
		return known(native32(uint32(p.Size)))
	case "protocol":
		return known(binary.BigEndian.AppendUint16(nil, p.ether()))
	case "mark":
		return known(native32(p.Mark))
	case "nfproto":
		return known([]byte{p.nfproto()})
	case "l4proto":
		return known([]byte{p.Proto})
	case "pkttype":
		return p.packetType()
	case "priority", "nftrace":
		return known(native32(0))
	}
	return p.device(key)
}

// packetType is whom the link says that the packet is for (PACKET_*, <linux/if_packet.h>).
func (p *Packet) packetType() data {
	const host, broadcast, multicast = 0, 1, 2
	hw, err := net.ParseMAC(p.DstMAC)
	switch {
	case p.In.Name == "" || err != nil || len(hw) == 0:
		return unknown(1)
	case p.DstMAC == "ff:ff:ff:ff:ff:ff":
		return known([]byte{broadcast})
	case hw[0]&1 != 0:
		return known([]byte{multicast})
	}
	return known([]byte{host})
}

func (p *Packet) nfproto() byte {
	switch {
	case p.Family == "bridge":
		return 7
	case p.Family == "netdev":
		return 5
	case p.Family == "arp":
		return 3
	case p.Dst.Is6():
		return 10
	}
	return 2
}

// device is what is known of the packet's interfaces.
func (p *Packet) device(key string) data {
	switch key {
	case "iif":
		return known(native32(uint32(p.In.Index)))
	case "oif":
		return known(native32(uint32(p.Out.Index)))
	case "iifname":
		return known(padded(p.In.Name))
	case "oifname":
		return known(padded(p.Out.Name))
	case "iifkind":
		return known(padded(p.In.Kind))
	case "oifkind":
		return known(padded(p.Out.Kind))
	case "ibrname":
		return known(padded(p.In.Master))
	case "obrname":
		return known(padded(p.Out.Master))
	case "iiftype":
		return known(binary.NativeEndian.AppendUint16(nil, hardware(p.In)))
	case "oiftype":
		return known(binary.NativeEndian.AppendUint16(nil, hardware(p.Out)))
	}
	return unknown(16)
}

// hardware is the type of device (ARPHRD_*, <linux/if_arp.h>).
func hardware(l plan.Link) uint16 {
	if l.Name == plan.Loopback {
		return 772
	}
	return 1
}

// ct is what connection tracking knows; ok is false where it knows nothing.
func (p *Packet) ct(e plan.CtKey) (d data, ok bool) {
	state := p.state()
	if e.Key == "state" {
		return known(native32(uint32(state))), true
	}
	if state == plan.StateInvalid || state == plan.StateUntracked {
		return data{}, false
	}
	first := p.First
	if e.Reply {
		first[0], first[1] = first[1], first[0]
	}
	switch e.Key {
	case "mark":
		return known(native32(p.ConnMark)), true
	case "zone":
		return known(binary.NativeEndian.AppendUint16(nil, p.Zone)), true
	case "direction":
		return known([]byte{map[bool]byte{true: 1}[p.Reply]}), true
	case "status":
		d = unknown(4)
		d.put(0, p.Status)
		d.put(1, 0)
		return d, true
	case "l3proto":
		return known([]byte{p.nfproto()}), true
	case "protocol":
		return known([]byte{p.Proto}), true
	case "saddr", "ip saddr", "ip6 saddr":
		return addrData(first[0].Addr()), true
	case "daddr", "ip daddr", "ip6 daddr":
		return addrData(first[1].Addr()), true
	case "proto-src":
		return portData(first[0].Port()), true
	case "proto-dst":
		return portData(first[1].Port()), true
	}
	return unknown(16), true
}

func (p *Packet) state() plan.ConnState {
	if p.Untracked {
		return plan.StateUntracked
	}
	return p.State
}

func addrData(a netip.Addr) data {
	if !a.IsValid() {
		return unknown(16)
	}
	return known(a.AsSlice())
}

func portData(port uint16) data {
	if port == 0 {
		return unknown(2)
	}
	return known(binary.BigEndian.AppendUint16(nil, port))
}

// setCt changes what connection tracking knows.
func (p *Packet) setCt(key string, b []byte) {
	switch key {
	case "mark":
		p.ConnMark = number(b)
	case "zone":
		p.Zone = binary.NativeEndian.Uint16(b)
	}
}

// addrTypes are the types of addresses by their numbers (RTN_*, <linux/rtnetlink.h>).
func addrTypes() []string {
	return []string{"unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit"}
}

// fib asks where an address leads.
func (p *Packet) fib(e plan.Fib) data {
	addr := p.Dst
	if e.Source {
		addr = p.Src
	}
	if p.Lab == nil || !addr.IsValid() {
		return unknown(16)
	}
	if e.Result == "type" {
		return p.addrType(addr)
	}
	link, ok := p.Lab.Towards(addr)
	if e.Back && link.Name != p.In.Name {
		ok = false
	}
	if !ok {
		link = plan.Link{}
	}
	switch {
	case e.Exists:
		return known([]byte{map[bool]byte{true: 1}[ok], 0, 0, 0})
	case e.Result == "oifname":
		return known(padded(link.Name))
	}
	return known(native32(uint32(link.Index)))
}

func (p *Packet) addrType(addr netip.Addr) data {
	kind := p.Lab.AddrType(addr)
	for n, name := range addrTypes() {
		if name == kind {
			return known(native32(uint32(n)))
		}
	}
	return unknown(4)
}
