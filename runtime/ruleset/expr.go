package ruleset

import (
	"bytes"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// expr carries out one expression. Sure is false where the rule may not match, so that
// it changes nothing.
func (m *machine) expr(e plan.FilterExpr, sure bool) (truth, *act) {
	switch e := e.(type) {
	case plan.Payload, plan.MetaKey, plan.CtKey, plan.Fib, plan.Immediate:
		return m.read(e), nil
	case plan.Compare, plan.Between, plan.Bitwise, plan.ByteOrder:
		return m.calculate(e), nil
	case plan.Member:
		return m.member(e)
	case plan.SetMeta, plan.SetPayload, plan.SetCt, plan.NoTrack:
		if sure {
			m.change(e)
		}
		return yes, nil
	case plan.XtMatch:
		return m.packet.xtMatch(e), nil
	case plan.XtTarget:
		zone, tracked, ttl := m.packet.Zone, !m.packet.Untracked, m.packet.TTL
		a := m.packet.xtTarget(e, sure)
		if m.packet.TTL != ttl {
			m.out.Wrote = m.at
		}
		if tracked && m.packet.Untracked {
			m.out.Untracked = m.at
		}
		if m.packet.Zone != zone {
			m.out.Zoned = m.at
		}
		return yes, a
	case plan.Effectless:
		return yes, nil
	}
	return m.ends(e)
}

// change does what an expression changes.
func (m *machine) change(e plan.FilterExpr) {
	switch e := e.(type) {
	case plan.SetMeta:
		if e.Key == "mark" {
			m.packet.Mark = number(m.part(e.Src, 4).bytes)
		}
	case plan.SetPayload:
		if d := m.part(e.Src, e.Len); d.all() {
			m.packet.write(e, d.bytes)
			m.out.Wrote = m.at
		}
	case plan.SetCt:
		if d := m.part(e.Src, 4); d.all() {
			m.packet.setCt(e.Key, d.bytes)
			if e.Key == "zone" {
				m.out.Zoned = m.at
			}
		}
	case plan.NoTrack:
		m.packet.Untracked, m.out.Untracked = true, m.at
	}
}

// ends carries out an expression that ends a rule, or one that is not understood.
func (m *machine) ends(e plan.FilterExpr) (truth, *act) {
	switch e := e.(type) {
	case plan.Verdict:
		return yes, &act{kind: e.Kind, chain: e.Chain}
	case plan.Reject:
		return yes, &act{kind: "reject", reset: e.Reset}
	case plan.Translate:
		return yes, &act{kind: e.Kind, to: m.target(e)}
	case plan.Opaque:
		if e.Name == "queue" || e.Name == "fwd" || e.Name == "synproxy" {
			return yes, &act{kind: "queue"}
		}
		m.file = unknown(plan.RegisterFile) // it may have written to any of them
	}
	return maybe, nil
}

// read puts what an expression reads into its register.
func (m *machine) read(e plan.FilterExpr) truth {
	switch e := e.(type) {
	case plan.Payload:
		d, ok := m.packet.payload(e)
		return m.load(e.Dst, d, ok)
	case plan.MetaKey:
		return m.load(e.Dst, m.packet.meta(e.Key), true)
	case plan.CtKey:
		d, ok := m.packet.ct(e)
		return m.load(e.Dst, d, ok)
	case plan.Fib:
		return m.load(e.Dst, m.packet.fib(e), true)
	case plan.Immediate:
		return m.load(e.Dst, known(e.Data), true)
	}
	return maybe
}

// load puts data into a register, and zeroes to the end of its last word; without data
// the rule ends.
func (m *machine) load(dst int, d data, ok bool) truth {
	if !ok {
		return no
	}
	for i := 0; i < len(d.bytes) && dst+i < len(m.file.bytes); i++ {
		m.file.bytes[dst+i], m.file.known[dst+i] = d.bytes[i], d.known[i]
	}
	const word = 4
	for i := dst + len(d.bytes); i%word != 0 && i < len(m.file.bytes); i++ {
		m.file.bytes[i], m.file.known[i] = 0, true
	}
	return yes
}

// part is what is in a register.
func (m *machine) part(src, n int) data {
	end := min(src+n, len(m.file.bytes))
	return data{bytes: slices.Clone(m.file.bytes[src:end]), known: slices.Clone(m.file.known[src:end])}
}

func (m *machine) calculate(e plan.FilterExpr) truth {
	switch e := e.(type) {
	case plan.Compare:
		d := m.part(e.Src, len(e.Data))
		return compare(d, e.Op, e.Data)
	case plan.Between:
		d := m.part(e.Src, len(e.From))
		if !d.all() {
			return maybe
		}
		in := bytes.Compare(d.bytes, e.From) >= 0 && bytes.Compare(d.bytes, e.To) <= 0
		return isTrue(in != e.Not)
	case plan.Bitwise:
		d := m.part(e.Src, len(e.Mask))
		for i := range d.bytes {
			d.known[i] = d.known[i] || e.Mask[i] == 0
			d.bytes[i] &= e.Mask[i]
			if i < len(e.Xor) {
				d.bytes[i] ^= e.Xor[i]
			}
		}
		return m.load(e.Dst, d, true)
	case plan.ByteOrder:
		d := m.part(e.Src, e.Len)
		for i := 0; e.Size > 0 && i+e.Size <= len(d.bytes); i += e.Size {
			slices.Reverse(d.bytes[i : i+e.Size])
			slices.Reverse(d.known[i : i+e.Size])
		}
		return m.load(e.Dst, d, true)
	}
	return maybe
}

// compare compares what is known: a known byte that differs decides, too.
func compare(d data, op string, want []byte) truth {
	if op == "" || op == "!=" {
		equal := yes
		for i := range d.bytes {
			if !d.known[i] {
				equal = maybe
			} else if d.bytes[i] != want[i] {
				equal = no
				break
			}
		}
		if op == "!=" {
			return equal.not()
		}
		return equal
	}
	if !d.all() {
		return maybe
	}
	c := bytes.Compare(d.bytes, want)
	return isTrue(op == "<" && c < 0 || op == "<=" && c <= 0 || op == ">" && c > 0 || op == ">=" && c >= 0)
}

// target is what an address and port change to.
func (m *machine) target(e plan.Translate) netip.AddrPort {
	var addr netip.Addr
	var port uint16
	if e.Addr != 0 {
		size := 4
		if m.packet.Dst.Is6() {
			size = 16
		}
		if d := m.part(e.Addr, size); d.all() {
			addr, _ = netip.AddrFromSlice(d.bytes)
		}
	}
	if e.Port != 0 {
		if d := m.part(e.Port, 2); d.all() {
			port = uint16(d.bytes[0])<<8 | uint16(d.bytes[1])
		}
	}
	return netip.AddrPortFrom(addr, port)
}
