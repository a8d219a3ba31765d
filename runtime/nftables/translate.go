package nftables

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// Flags of ranges (NF_NAT_RANGE_*, <linux/netfilter/nf_nat.h>).
const mapsAddress, mapsPort, randomPort, persistent, randomFully = 1, 2, 4, 8, 16

// translate is masquerade, redirect, snat or dnat.
func (r *rule) translate() {
	r.ended = true
	kind := r.next()
	switch kind {
	case "masquerade":
		data := nfmsg.Attrs{}
		if f := r.natFlags(); f != 0 {
			data = data.Number(1, f)
		}
		r.exprs = r.exprs.Add("masq", data)
		return
	case "redirect":
		r.redirect()
		return
	}
	family := r.network
	if f, ok := families()[r.peek()]; ok && f != inet {
		need(family == 0 || family == f)
		family = f
		r.next()
	}
	r.want("to")
	need(family != 0)
	addr, port := address(r.next(), family)
	flags := uint32(mapsAddress)
	data := nfmsg.Attrs{}.Number(1, map[string]uint32{"snat": 0, "dnat": 1}[kind]).Number(2, uint32(family)).Number(3, 1).Number(4, 1)
	r.exprs = r.exprs.Load(1, addr.AsSlice())
	if port != 0 {
		need(r.transport == 6 || r.transport == 17)
		r.exprs = r.exprs.Load(2, binary.BigEndian.AppendUint16(nil, port))
		data = data.Number(5, 2).Number(6, 2)
		flags |= mapsPort
	}
	r.exprs = r.exprs.Add("nat", data.Number(7, flags|r.natFlags()))
}

// redirect is redirect [to :PORT].
func (r *rule) redirect() {
	data := nfmsg.Attrs{}
	flags := uint32(0)
	if r.has("to") {
		r.has(":")
		n, err := strconv.ParseUint(strings.TrimPrefix(r.next(), ":"), 10, 16)
		need(err == nil && n > 0 && (r.transport == 6 || r.transport == 17))
		r.exprs = r.exprs.Load(1, binary.BigEndian.AppendUint16(nil, uint16(n)))
		data, flags = data.Number(1, 1).Number(2, 1), mapsPort
	}
	if flags |= r.natFlags(); flags != 0 {
		data = data.Number(3, flags)
	}
	r.exprs = r.exprs.Add("redir", data)
}

func (r *rule) natFlags() (flags uint32) {
	for {
		f := map[string]uint32{"random": randomPort, "persistent": persistent, "fully-random": randomFully}[r.peek()]
		if f == 0 {
			return flags
		}
		r.next()
		r.has(",")
		flags |= f
	}
}

// address reads ADDRESS[:PORT] of a family.
func address(text string, family byte) (addr netip.Addr, port uint16) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		var both netip.AddrPort
		both, err = netip.ParseAddrPort(text)
		addr, port = both.Addr(), both.Port()
		need(err == nil && port != 0)
	}
	need(addr.Is6() == (family == ip6) && addr.Zone() == "" && !addr.Is4In6())
	return addr, port
}
