package syntax

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
)

// addressProblem says what is wrong with a text that should be an IP address.
func addressProblem(t Text, s string) *diag.Diagnostic {
	d := diag.Errorf(diag.BadAddress, t.Span, "%s is not an IP address", s)
	switch {
	case strings.Count(s, "::") > 1:
		d.Summary += `: "::" is in it twice`
		return d.WithHelp(`"::" means all the zeros that are left out, so there is one at most, as in fd00::1:2`)
	case strings.Contains(s, ":"):
		return d.WithHelp("an IPv6 address has eight groups of up to four hex digits, and :: once for groups of zeros, as in fd00::1")
	case s != "" && strings.Trim(s, "0123456789.") == "":
		return ipv4Problem(d, strings.Split(s, "."))
	}
	return d.WithHelp("an IPv4 address has four numbers from 0 to 255, as in 192.168.15.1; an IPv6 address looks like fd00::1")
}

func ipv4Problem(d *diag.Diagnostic, numbers []string) *diag.Diagnostic {
	const form = "an IPv4 address has four numbers from 0 to 255, as in 192.168.15.1"
	switch n := len(numbers); {
	case slices.Contains(numbers, ""):
		d.Summary += ": a number is missing beside a dot"
		return d.WithHelp(form)
	case n == 1:
		return d.WithHelp(form)
	case n != 4:
		d.Summary += ": it has " + strconv.Itoa(n) + " numbers, not 4"
		return d.WithHelp(form)
	}
	plain := make([]string, 4)
	for i, n := range numbers {
		v, err := strconv.Atoi(n)
		if err != nil || v > 255 {
			d.Summary += ": " + n + " is more than 255"
			return d.WithHelp("each of the four numbers is one byte: 0 to 255")
		}
		plain[i] = strconv.Itoa(v)
	}
	d.Summary += ": a number in it begins with a zero"
	return d.WithHelp("write %s; some programs read a leading zero as octal", strings.Join(plain, "."))
}

// usualBits is the prefix length that most small subnets have.
func usualBits(a netip.Addr) int {
	if a.Is6() {
		return 64
	}
	return 24
}

// prefixProblem says which half of ADDRESS/LENGTH is malformed.
func prefixProblem(t Text) *diag.Diagnostic {
	if fixed := strings.Replace(t.Value, `\`, "/", 1); fixed != t.Value {
		return diag.Errorf(diag.BadPrefix, t.Span, `%s has a \ where a / belongs`, t.Value).WithHelp("write %s", fixed)
	}
	before, bits, found := strings.Cut(t.Value, "/")
	addr, err := parseAddr(before)
	switch {
	case err != nil:
		return addressProblem(t, before)
	case addr.Zone() != "":
		return diag.Errorf(diag.BadPrefix, t.Span, "%s names an interface after the %%; a subnet cannot", t.Value).
			WithHelp("write %s/%s", addr.WithZone(""), bits)
	case !found:
		subnet := netip.PrefixFrom(addr, usualBits(addr)).Masked()
		return diag.Errorf(diag.BadPrefix, t.Span, "%s has no prefix length, so it is one address and not a subnet", t.Value).
			WithHelp("write %s for a subnet of the usual size", subnet)
	}
	return bitsProblem(t, addr, bits)
}

func bitsProblem(t Text, addr netip.Addr, bits string) *diag.Diagnostic {
	if bits == "" {
		return diag.Errorf(diag.BadPrefix, t.Span, "%s has nothing after its /", t.Value).
			WithHelp("write the prefix length, as in %s/%d", addr, usualBits(addr))
	}
	d := diag.Errorf(diag.BadPrefix, t.Span, "/%s is not a prefix length", bits)
	if mask := net.ParseIP(bits).To4(); mask != nil && addr.Is4() {
		if ones, size := net.IPMask(mask).Size(); size != 0 {
			d.Summary = "/" + bits + " is a netmask; the length of the prefix is wanted here"
			return d.WithHelp("write %s/%d", addr, ones)
		}
	}
	return d.WithHelp("an %s prefix has a length of 0 to %d bits, as in %s/%d", family(addr), addr.BitLen(), addr, usualBits(addr))
}

func family(a netip.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

// usableProblem tells addresses that no interface can have as its own
// (RFC 1122 3.2.1.3; RFC 4291 2.5.2, 2.6.1, 2.7; RFC 3021 and RFC 6164 for the
// subnets of two addresses, which have neither name nor broadcast address).
func usableProblem(t Text, p netip.Prefix) *diag.Diagnostic {
	a := p.Addr()
	unusable := func(why string, args ...any) *diag.Diagnostic {
		return diag.Errorf(diag.UnusableAddr, t.Span, why, args...)
	}
	switch {
	case a.IsUnspecified():
		return unusable("%s means \"no address\", so it cannot be the address of an interface", a).
			WithHelp("write an address of the subnet, as in %s", exampleAddr(a))
	case a.IsMulticast():
		return unusable("%s is a multicast address: it belongs to a group, never to one interface", a).
			WithHelp("write a unicast address, as in %s", exampleAddr(a))
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return unusable("%s is the broadcast address of every network, not the address of an interface", a).
			WithHelp("write an address of the subnet, as in %s", exampleAddr(a))
	}
	return nil
}

// Odd warns of an address that the kernel accepts, and others may not use: the first of
// an IPv4 subnet, which was its broadcast address once (RFC 1122, section 3.3.6), the
// last, which is, and the first of an IPv6 subnet, which all its routers have (RFC 4291,
// section 2.6.1).
func (a IfAddr) Odd() *diag.Diagnostic {
	p := a.Prefix()
	ip := p.Addr()
	odd := func(why string, args ...any) *diag.Diagnostic {
		return diag.New(diag.UnusableAddr, diag.Warning, a.Span, why, args...)
	}
	switch {
	case !p.IsValid() || a.Dynamic || p.Bits() > ip.BitLen()-2:
	case ip == p.Masked().Addr():
		return odd("%s is the subnet itself; the kernel accepts it as an address, but other systems may not", p).
			WithHelp("the first usual address in it is %s/%d", ip.Next(), p.Bits())
	case ip.Is4() && ip == lastAddr(p):
		return odd("%s is the broadcast address of the subnet %s; what is sent to it is for all of them", ip, p.Masked()).
			WithHelp("the last usual address in it is %s/%d", ip.Prev(), p.Bits())
	}
	return nil
}

func exampleAddr(a netip.Addr) string {
	if a.Is4() {
		return "192.168.15.1/24"
	}
	return "fd00::1/64"
}

// lastAddr is the address with all host bits set.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
