package plan

import (
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// NftRule is a rule in the lab's table: what it matches and what it does then.
// All that is given has to match.
type NftRule struct {
	Chain Chain
	// IIf and OIf are interface names, or ""; NotIIf and NotOIf turn them round.
	IIf, OIf       string
	NotIIf, NotOIf bool
	// Src and Dst are the zero Prefix for any. NotDst turns Dst round.
	Src, Dst netip.Prefix
	NotDst   bool
	// FromLocal and ToLocal want an address of the node itself.
	FromLocal, ToLocal bool
	// Proto is "tcp", "udp", "icmp", "ipv6-icmp", or "" for any.
	Proto string
	// Ports are the destination ports, the zero PortRange for any; only with tcp and udp.
	Ports PortRange
	// State are the states of the connection that match, 0 for any.
	State ConnState
	// Translated wants a connection whose destination was translated.
	Translated bool
	// Turn lets the first of so many connections match, and of the next so many again;
	// 0 lets all.
	Turn uint32
	// Counter counts the packets that match.
	Counter bool
	// Verdict is "masquerade", "snat", "dnat", "redirect", "accept", "drop", "reject", "mark", or [Foreign].
	// What reject answers with is a TCP reset where Proto is tcp, and else an
	// ICMP error: administratively prohibited.
	Verdict string
	// To is where dnat leads to, and what snat makes the source; port 0 stays as it is. A
	// redirect has the port only: the address is one of the node's own.
	To netip.AddrPort
	// Mark is the firewall mark that mark writes.
	Mark uint32
	// Comment says which statement made it; 128 bytes at most.
	Comment string
}

// Foreign is the verdict of a rule in the lab's table that another program put
// there, of a form that no op makes.
const Foreign = "foreign"

// NftCount is what a rule's counter says. In a chain of type nat only the
// first packet of each connection comes by.
type NftCount struct{ Packets, Bytes uint64 }

// NftState is what the lab's table in a node holds; the zero value is no table
// at all.
type NftState struct {
	// Exists tells an empty table from none.
	Exists bool
	Chains []Chain
	// Lists are the rules of each of Chains, in their order. Worlds and readers share
	// them, so that thousands of rules are not copied for each: they are replaced, and
	// never changed.
	Lists [][]*NftRule
	// Counts are those of all rules, one for one, or none.
	Counts []NftCount
	// Others are the tables of others: "ip filter".
	Others []string
}

// All are all rules with their numbers, in the order of Chains.
func (s NftState) All() iter.Seq2[int, *NftRule] {
	return func(yield func(int, *NftRule) bool) {
		n := 0
		for _, list := range s.Lists {
			for _, r := range list {
				if !yield(n, r) {
					return
				}
				n++
			}
		}
	}
}

// Rules are copies of all rules, in the order of Chains.
func (s NftState) Rules() []NftRule {
	var rules []NftRule
	for _, r := range s.All() {
		rules = append(rules, *r)
	}
	return rules
}

// In are the rules of a chain.
func (s NftState) In(c Chain) []*NftRule {
	if i := slices.Index(s.Chains, c); i >= 0 {
		return s.Lists[i]
	}
	return nil
}

// Put replaces the rules of a chain, which is added if it is not there.
func (s *NftState) Put(c Chain, list []*NftRule) {
	i := slices.Index(s.Chains, c)
	if i < 0 {
		s.Chains, s.Lists = append(slices.Clone(s.Chains), c), append(slices.Clone(s.Lists), list)
		return
	}
	s.Lists = slices.Clone(s.Lists)
	s.Lists[i] = list
}

// Drop removes a chain with its rules.
func (s *NftState) Drop(c Chain) {
	if i := slices.Index(s.Chains, c); i >= 0 {
		s.Chains, s.Lists = slices.Delete(slices.Clone(s.Chains), i, i+1), slices.Delete(slices.Clone(s.Lists), i, i+1)
	}
}

// WithRule is a list of rules with one more, before the one at an index.
func WithRule(list []*NftRule, at int, r NftRule) []*NftRule {
	return slices.Concat(list[:at], []*NftRule{&r}, list[at:])
}

// WithoutRule is a list of rules without the one at an index.
func WithoutRule(list []*NftRule, at int) []*NftRule {
	return slices.Concat(list[:at], list[at+1:])
}

// String is the rule as nft(8) takes it.
func (r NftRule) String() string {
	w := append(r.matches(), r.action())
	if r.Comment != "" {
		w = append(w, `comment "`+r.Comment+`"`)
	}
	return strings.Join(w, " ")
}

func (r NftRule) action() string {
	switch r.Verdict {
	case "dnat", "snat":
		return r.Verdict + " " + r.family() + " to " + r.toText()
	case "redirect":
		return "redirect to :" + strconv.Itoa(int(r.To.Port()))
	case "mark":
		return "meta mark set " + strconv.FormatUint(uint64(r.Mark), 10)
	case "reject":
		if r.Proto == "tcp" {
			return "reject with tcp reset"
		}
		return "reject with icmpx type admin-prohibited"
	}
	return r.Verdict
}

func (r NftRule) family() string {
	if r.To.Addr().Is6() {
		return "ip6"
	}
	return "ip"
}

func (r NftRule) toText() string {
	if r.To.Port() == 0 {
		return r.To.Addr().String()
	}
	return r.To.String()
}

func (r NftRule) matches() []string {
	w := append(ifaceWords("iifname", r.IIf, r.NotIIf), ifaceWords("oifname", r.OIf, r.NotOIf)...)
	if r.ToLocal {
		w = append(w, "fib daddr type local")
	}
	if v6, needed := r.Family(); needed && !r.Src.IsValid() && !r.Dst.IsValid() {
		w = append(w, "meta nfproto", map[bool]string{false: "ipv4", true: "ipv6"}[v6])
	}
	w = append(w, r.addrWords()...)
	switch {
	case !r.Ports.Any():
		w = append(w, r.Proto, "dport", r.Ports.String())
	case r.Proto != "":
		w = append(w, "meta l4proto", r.Proto)
	}
	if r.FromLocal {
		w = append(w, "fib saddr type local")
	}
	if r.Translated {
		w = append(w, "ct status dnat")
	}
	if r.State != 0 {
		w = append(w, "ct state", r.State.String())
	}
	if r.Turn != 0 {
		w = append(w, "numgen inc mod", strconv.FormatUint(uint64(r.Turn), 10), "0")
	}
	if r.Counter {
		w = append(w, "counter")
	}
	return w
}

// Family is the address family that a rule is limited to by its addresses;
// limited is false when it is for both.
func (r NftRule) Family() (v6, limited bool) {
	for _, a := range []netip.Addr{r.Src.Addr(), r.Dst.Addr(), r.To.Addr()} {
		if a.IsValid() {
			return a.Is6(), true
		}
	}
	return false, false
}

// OneFamily reports whether all addresses of a rule are of one family, as
// they have to be.
func (r NftRule) OneFamily() bool {
	v6, _ := r.Family()
	for _, a := range []netip.Addr{r.Src.Addr(), r.Dst.Addr(), r.To.Addr()} {
		if a.IsValid() && a.Is6() != v6 {
			return false
		}
	}
	return true
}

func ifaceWords(key, name string, not bool) []string {
	switch {
	case name == "":
		return nil
	case not:
		return []string{key, "!=", strconv.Quote(name)}
	}
	return []string{key, strconv.Quote(name)}
}

func (r NftRule) addrWords() []string {
	var w []string
	if r.Src.IsValid() {
		w = append(w, nftFamily(r.Src), "saddr", nftPrefix(r.Src))
	}
	if r.Dst.IsValid() {
		w = append(w, nftFamily(r.Dst), "daddr")
		if r.NotDst {
			w = append(w, "!=")
		}
		w = append(w, nftPrefix(r.Dst))
	}
	return w
}

func nftFamily(p netip.Prefix) string {
	if p.Addr().Is6() {
		return "ip6"
	}
	return "ip"
}

// nftPrefix is a prefix as nft(8) prints it: one address has no length.
func nftPrefix(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
