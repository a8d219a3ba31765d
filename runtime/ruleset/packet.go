// Package ruleset says what a packet filter does with a packet, rule by rule, and
// words its rules as nft(8) does. Where a rule cannot be decided from what is known of
// the packet, it says so.
package ruleset

import (
	"encoding/binary"
	"net"
	"net/netip"

	"nsl/runtime/plan"
)

// Packet is a packet at a hook.
type Packet struct {
	// Family is what the hook belongs to: "ip", "ip6", "arp", "bridge" or "netdev".
	Family string
	// Hook is the hook: "prerouting", "input", ….
	Hook     string
	Src, Dst netip.Addr
	// Proto is the protocol's number. SrcPort is 0 where it is not known.
	Proto            uint8
	SrcPort, DstPort uint16
	// Flags are those of TCP (RFC 9293); Type and Code those of ICMP.
	Flags      uint8
	Type, Code uint8
	TTL        int
	// Size is that of the whole packet in bytes, 0 where it is not known.
	Size int
	// DontFragment is the flag of IPv4.
	DontFragment bool
	// Fragment is the field of IPv4 that tells fragments apart: the offset in units of 8
	// bytes, and MoreFragments in all but the last one. It is 0 for a whole packet.
	Fragment uint16
	// Mark is the firewall mark.
	Mark uint32
	// Turn is how many rules that translate only some connections, as those that take
	// turns, are passed over before one is followed.
	Turn int
	// ARP is the operation of an ARP packet, 0 for others.
	ARP uint16
	// SrcMAC and DstMAC are "" where they are not known.
	SrcMAC, DstMAC string
	// In and Out are the interfaces, the zero Link for none; PortIn and PortOut the ports
	// of a bridge, of a packet that a bridge passes on.
	In, Out         plan.Link
	PortIn, PortOut string
	// State is what connection tracking thinks of it; Reply: it is in the direction of
	// the replies. Status are bits of IPS_* (<linux/netfilter/nf_conntrack_common.h>).
	State  plan.ConnState
	Reply  bool
	Status uint8
	// First are the source and destination of the conversation's first packet.
	First [2]netip.AddrPort
	// ConnMark is the mark of its connection, and Zone what tells connections apart besides
	// their addresses (ct zone).
	ConnMark uint32
	Zone     uint16
	// Untracked: a rule has taken it out of connection tracking.
	Untracked bool
	// Lab answers what the routing tables say.
	Lab Lab
}

// MoreFragments is the flag of a fragment that is not the last one, and fragmentOffset are the
// bits of the offset (RFC 791, section 3.1).
const (
	MoreFragments  = 0x2000
	fragmentOffset = 0x1fff
)

// Lab answers questions about addresses, as the node that has the packet sees them.
type Lab interface {
	// AddrType is the type of an address: "local", "unicast", "broadcast", …, "" where
	// it is not known.
	AddrType(netip.Addr) string
	// Towards is the interface by which the node reaches an address; ok is false for
	// none.
	Towards(netip.Addr) (link plan.Link, ok bool)
}

// Protocol numbers (IANA), and EtherTypes.
const (
	ProtoICMP  = 1
	ProtoTCP   = 6
	ProtoUDP   = 17
	ProtoICMP6 = 58

	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherIPv6 = 0x86DD
)

// data is a part of a packet: its bytes, and which of them are known.
type data struct {
	bytes []byte
	known []bool
}

func known(b []byte) data {
	d := data{bytes: b, known: make([]bool, len(b))}
	for i := range d.known {
		d.known[i] = true
	}
	return d
}

func unknown(n int) data { return data{bytes: make([]byte, n), known: make([]bool, n)} }

// put writes known bytes at a place.
func (d data) put(at int, b ...byte) {
	copy(d.bytes[at:], b)
	for i := range b {
		d.known[at+i] = true
	}
}

// all reports whether all bytes are known.
func (d data) all() bool {
	for _, k := range d.known {
		if !k {
			return false
		}
	}
	return true
}

// ether is the EtherType.
func (p *Packet) ether() uint16 {
	switch {
	case p.ARP != 0:
		return etherARP
	case p.Dst.Is6():
		return etherIPv6
	}
	return etherIPv4
}

// link is the header of the link.
func (p *Packet) link() data {
	d := unknown(14)
	for at, mac := range map[int]string{0: p.DstMAC, 6: p.SrcMAC} {
		if hw, err := net.ParseMAC(mac); err == nil && len(hw) == 6 {
			d.put(at, hw...)
		}
	}
	d.put(12, binary.BigEndian.AppendUint16(nil, p.ether())...)
	return d
}

// network is the header of IPv4 (RFC 791), IPv6 (RFC 8200) or ARP (RFC 826).
func (p *Packet) network() data {
	switch {
	case p.ARP != 0:
		return p.arp()
	case p.Dst.Is6():
		d := unknown(40)
		d.put(0, 0x60)
		d.put(6, p.Proto, byte(p.TTL))
		if p.Size != 0 {
			d.put(4, binary.BigEndian.AppendUint16(nil, uint16(p.Size-40))...)
		}
		d.addr(8, p.Src)
		d.addr(24, p.Dst)
		return d
	}
	d := unknown(20)
	d.put(0, 0x45, 0)
	if p.Size != 0 {
		d.put(2, binary.BigEndian.AppendUint16(nil, uint16(p.Size))...)
	}
	flags := p.Fragment
	if p.DontFragment {
		flags |= 0x4000
	}
	d.put(6, byte(flags>>8), byte(flags), byte(p.TTL), p.Proto)
	d.addr(12, p.Src)
	d.addr(16, p.Dst)
	return d
}

func (d data) addr(at int, a netip.Addr) {
	if a.IsValid() {
		d.put(at, a.AsSlice()...)
	}
}

func (p *Packet) arp() data {
	d := unknown(28)
	d.put(0, 0, 1, 8, 0, 6, 4)
	d.put(6, binary.BigEndian.AppendUint16(nil, p.ARP)...)
	if hw, err := net.ParseMAC(p.SrcMAC); err == nil && len(hw) == 6 {
		d.put(8, hw...)
	}
	d.addr(14, p.Src)
	d.addr(24, p.Dst)
	return d
}

// transport is the header of TCP (RFC 9293), UDP (RFC 768) or ICMP.
func (p *Packet) transport() data {
	switch p.Proto {
	case ProtoICMP, ProtoICMP6:
		d := unknown(8)
		d.put(0, p.Type, p.Code)
		return d
	case ProtoTCP, ProtoUDP:
		d := unknown(20)
		if p.SrcPort != 0 {
			d.put(0, binary.BigEndian.AppendUint16(nil, p.SrcPort)...)
		}
		d.put(2, binary.BigEndian.AppendUint16(nil, p.DstPort)...)
		if p.Proto == ProtoTCP {
			d.put(13, p.Flags)
		}
		return d
	}
	return unknown(8)
}

// payload are bytes of the packet; ok is false where it has no such header.
func (p *Packet) payload(e plan.Payload) (d data, ok bool) {
	switch e.Base {
	case "link":
		d = p.link()
	case "network":
		d = p.network()
	case "transport":
		if p.ARP != 0 || p.Fragment&fragmentOffset != 0 {
			return data{}, false
		}
		d = p.transport()
	}
	part := unknown(e.Len)
	for i := range e.Len {
		if at := e.Offset + i; at < len(d.bytes) {
			part.bytes[i], part.known[i] = d.bytes[at], d.known[at]
		}
	}
	return part, true
}

// Where the fields are in the headers of IPv4 and IPv6 that a rule may write and that
// matter later.
const (
	ttlAt4, srcAt4, dstAt4 = 8, 12, 16
	ttlAt6, srcAt6, dstAt6 = 7, 8, 24
)

// write changes bytes of the packet (nft_payload_set).
func (p *Packet) write(e plan.SetPayload, b []byte) {
	ttl, src, dst, size := ttlAt4, srcAt4, dstAt4, 4
	if p.Dst.Is6() {
		ttl, src, dst, size = ttlAt6, srcAt6, dstAt6, 16
	}
	switch {
	case e.Base == "network" && e.Len == size && e.Offset == src:
		p.Src, _ = netip.AddrFromSlice(b)
	case e.Base == "network" && e.Len == size && e.Offset == dst:
		p.Dst, _ = netip.AddrFromSlice(b)
	case e.Base == "network" && e.Offset <= ttl && ttl < e.Offset+e.Len:
		p.TTL = int(b[ttl-e.Offset])
	case e.Base == "transport" && e.Len == 2 && e.Offset == 0:
		p.SrcPort = uint16(b[0])<<8 | uint16(b[1])
	case e.Base == "transport" && e.Len == 2 && e.Offset == 2:
		p.DstPort = uint16(b[0])<<8 | uint16(b[1])
	}
}
