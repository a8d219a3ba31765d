package capture

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// network is where the network header begins, for loads of the kernel's: the
// same program serves whatever comes before it (SKF_NET_OFF, <linux/filter.h>).
const network = 0x100000000 - 0x100000

// Marks are the targets of jumps that are not known yet.
const (
	toEnd  = ^uint32(0) - iota // past the block: the packet is not of this kind
	toNext                     // past the alternative: try the next
	toDone                     // past the alternatives: one of them holds
)

// compile makes the program of a filter (Documentation/networking/filter.rst);
// none for a filter that lets everything pass.
func compile(f plan.CaptureFilter) ([]bpf.RawInstruction, error) {
	if f.Proto == "" && f.Port == 0 && len(f.Hosts) == 0 {
		return nil, nil
	}
	var prog []bpf.Instruction
	if f.Proto != "arp" {
		prog = append(prog, ipBlock(f, ip4())...)
		prog = append(prog, ipBlock(f, ip6())...)
	}
	if (f.Proto == "arp" || f.Proto == "") && f.Port == 0 {
		prog = append(prog, arpBlock(f)...)
	}
	return bpf.Assemble(append(prog, bpf.RetConstant{}))
}

// header says where an IP header has what a filter asks for (RFC 791, RFC 8200).
type header struct {
	v6                   bool
	etherType            uint32
	proto, src, dst, len uint32
	icmp                 uint32
}

func ip4() header {
	return header{etherType: unix.ETH_P_IP, proto: 9, src: 12, dst: 16, icmp: unix.IPPROTO_ICMP}
}

func ip6() header {
	return header{v6: true, etherType: unix.ETH_P_IPV6, proto: 6, src: 8, dst: 24, len: 40, icmp: unix.IPPROTO_ICMPV6}
}

// ipBlock returns for a packet of one family that matches, and goes on after
// itself for others.
func ipBlock(f plan.CaptureFilter, h header) []bpf.Instruction {
	b := []bpf.Instruction{bpf.LoadExtension{Num: bpf.ExtProto}, equal(h.etherType), bpf.Jump{Skip: toEnd}}
	if protos := h.protocols(f); len(protos) > 0 {
		b = append(b, load(h.proto, 1))
		var ways []bpf.Instruction
		for _, p := range protos {
			ways = append(ways, differs(p), bpf.Jump{Skip: toDone})
		}
		b = append(b, one(ways)...)
	}
	for _, host := range f.Hosts {
		var ways []bpf.Instruction
		for _, a := range host.Addrs {
			if a.Addr().Is6() == h.v6 {
				ways = append(ways, within(a, h.src)...)
				ways = append(ways, within(a, h.dst)...)
			}
		}
		b = append(b, one(ways)...)
	}
	if f.Port != 0 {
		b = append(b, h.port(uint32(f.Port))...)
	}
	return patch(append(b, bpf.RetConstant{Val: snapLength}), toEnd)
}

// protocols are the numbers of which the packet's has to be one; none for any.
func (h header) protocols(f plan.CaptureFilter) []uint32 {
	switch {
	case f.Proto == "tcp":
		return []uint32{unix.IPPROTO_TCP}
	case f.Proto == "udp":
		return []uint32{unix.IPPROTO_UDP}
	case f.Proto == "icmp":
		return []uint32{h.icmp}
	case f.Port != 0:
		return []uint32{unix.IPPROTO_TCP, unix.IPPROTO_UDP}
	}
	return nil
}

// port compares both ports. A later fragment has none, and after extension
// headers they are not looked for.
func (h header) port(port uint32) []bpf.Instruction {
	const offset = 0x1fff // the offset of a fragment, without the flags
	b := []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: h.len}}
	if !h.v6 {
		b = []bpf.Instruction{
			load(6, 2), bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: offset, SkipTrue: 1}, bpf.Jump{Skip: toEnd},
			bpf.LoadMemShift{Off: network},
		}
	}
	return append(b, one([]bpf.Instruction{
		bpf.LoadIndirect{Off: network, Size: 2}, differs(port), bpf.Jump{Skip: toDone},
		bpf.LoadIndirect{Off: network + 2, Size: 2}, differs(port), bpf.Jump{Skip: toDone},
	})...)
}

// arpBlock compares the addresses of an ARP packet for IPv4 (RFC 826).
func arpBlock(f plan.CaptureFilter) []bpf.Instruction {
	b := []bpf.Instruction{bpf.LoadExtension{Num: bpf.ExtProto}, equal(unix.ETH_P_ARP), bpf.Jump{Skip: toEnd}}
	for _, host := range f.Hosts {
		var ways []bpf.Instruction
		for _, a := range host.Addrs {
			if a.Addr().Is4() {
				ways = append(ways, within(a, 14)...)
				ways = append(ways, within(a, 24)...)
			}
		}
		b = append(b, one(ways)...)
	}
	return patch(append(b, bpf.RetConstant{Val: snapLength}), toEnd)
}

// one lets a packet go on of which one of the alternatives holds.
func one(ways []bpf.Instruction) []bpf.Instruction {
	return patch(append(ways, bpf.Jump{Skip: toEnd}), toDone)
}

// within jumps to toDone if the address at an offset is in a prefix.
func within(p netip.Prefix, offset uint32) []bpf.Instruction {
	var b []bpf.Instruction
	addr := p.Masked().Addr().AsSlice()
	for bits := p.Bits(); bits > 0; bits, offset, addr = bits-32, offset+4, addr[4:] {
		mask := ^uint32(0)
		if bits < 32 {
			mask <<= 32 - bits
		}
		b = append(b, load(offset, 4), bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: mask},
			equal(binary.BigEndian.Uint32(addr)), bpf.Jump{Skip: toNext})
	}
	return patch(append(b, bpf.Jump{Skip: toDone}), toNext)
}

func load(offset uint32, size int) bpf.Instruction {
	return bpf.LoadAbsolute{Off: network + offset, Size: size}
}

// equal skips the next instruction if the loaded value is equal, differs if it
// is not.
func equal(v uint32) bpf.Instruction { return bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipTrue: 1} }
func differs(v uint32) bpf.Instruction {
	return bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: v, SkipTrue: 1}
}

// patch lets the jumps to a mark lead past the instructions.
func patch(list []bpf.Instruction, mark uint32) []bpf.Instruction {
	for i, in := range list {
		if j, ok := in.(bpf.Jump); ok && j.Skip == mark {
			list[i] = bpf.Jump{Skip: uint32(len(list) - i - 1)}
		}
	}
	return list
}
