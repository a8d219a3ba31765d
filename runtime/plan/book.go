package plan

import (
	"net/netip"
	"slices"
)

// Book knows where each address of the lab is, and which of them nsl chose.
// It is what "the next free subnet" and "members of 192.168.15.0/24" are
// answered from without asking every namespace each time. Loopback and IPv6
// link-local addresses are not in it.
type Book struct {
	uses map[Ref][]AddrUse
	// blocks counts the uses in each block of the size that nsl hands out.
	blocks map[netip.Prefix]int
	// wide are subnets larger than a block.
	wide map[netip.Prefix]int
	at   map[netip.Addr][]Ref
	// taken is how many subnets of a series, from its first on, are not free.
	taken map[netip.Prefix]int
}

// NewBook makes an empty book.
func NewBook() *Book {
	return &Book{uses: map[Ref][]AddrUse{}, blocks: map[netip.Prefix]int{}, wide: map[netip.Prefix]int{},
		at: map[netip.Addr][]Ref{}, taken: map[netip.Prefix]int{}}
}

// blockBits is the size of the subnets that nsl hands out.
func blockBits(a netip.Addr) int {
	if a.Is4() {
		return 24
	}
	return 64
}

// InBook reports whether an address is kept in books.
func InBook(a netip.Addr) bool { return !a.IsLoopback() && !(a.Is6() && a.IsLinkLocalUnicast()) }

// Add notes an address; one that is there already is noted once.
func (b *Book) Add(u AddrUse) {
	if !InBook(u.Addr.Addr()) || slices.ContainsFunc(b.uses[u.Ref], func(v AddrUse) bool { return v.Addr == u.Addr }) {
		return
	}
	b.uses[u.Ref] = append(b.uses[u.Ref], u)
	b.at[u.Addr.Addr()] = append(b.at[u.Addr.Addr()], u.Ref)
	b.count(u.Addr, 1)
}

func (b *Book) count(p netip.Prefix, by int) {
	bits := blockBits(p.Addr())
	m, key := b.blocks, netip.PrefixFrom(p.Addr(), bits).Masked()
	if p.Bits() < bits {
		m, key = b.wide, p.Masked()
	}
	if m[key] += by; m[key] <= 0 {
		delete(m, key)
		clear(b.taken)
	}
}

// Del forgets one address of an interface.
func (b *Book) Del(r Ref, addr netip.Prefix) {
	b.drop(r, func(u AddrUse) bool { return u.Addr == addr })
}

// DropLink forgets all addresses of an interface.
func (b *Book) DropLink(r Ref) { b.drop(r, func(AddrUse) bool { return true }) }

// DropNode forgets all addresses of a node.
func (b *Book) DropNode(node string) {
	for r := range b.uses {
		if r.Node == node {
			b.DropLink(r)
		}
	}
}

func (b *Book) drop(r Ref, which func(AddrUse) bool) {
	kept := b.uses[r][:0:0]
	for _, u := range b.uses[r] {
		if !which(u) {
			kept = append(kept, u)
			continue
		}
		b.count(u.Addr, -1)
		a := u.Addr.Addr()
		if i := slices.Index(b.at[a], r); i >= 0 {
			b.at[a] = slices.Delete(slices.Clone(b.at[a]), i, i+1)
		}
		if len(b.at[a]) == 0 {
			delete(b.at, a)
		}
	}
	if b.uses[r] = kept; len(kept) == 0 {
		delete(b.uses, r)
	}
}

// On are the addresses of an interface, in the order they were added.
func (b *Book) On(r Ref) []AddrUse { return b.uses[r] }

// At are the interfaces that have an address.
func (b *Book) At(a netip.Addr) []Ref { return b.at[a] }

// All are all addresses, by node and interface name.
func (b *Book) All() []AddrUse {
	var all []AddrUse
	for _, list := range b.uses {
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(x, y AddrUse) int {
		if x.Node != y.Node {
			return cmpString(x.Node, y.Node)
		}
		return cmpString(x.Link, y.Link)
	})
	return all
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// FirstFree is the first free subnet of a series of n: at(0), at(1), …. What was
// found taken is not looked at again while nothing is given back, so a lab of
// thousands of cables does not take time by the square.
func (b *Book) FirstFree(n int, at func(int) netip.Prefix) (netip.Prefix, bool) {
	series := at(0)
	for i := b.taken[series]; i < n; i++ {
		if p := at(i); b.Free(p) {
			b.taken[series] = i
			return p, true
		}
	}
	b.taken[series] = n
	return netip.Prefix{}, false
}

// Free reports whether a subnet overlaps no subnet in use.
func (b *Book) Free(p netip.Prefix) bool {
	bits := blockBits(p.Addr())
	if p.Bits() >= bits {
		if b.blocks[netip.PrefixFrom(p.Addr(), bits).Masked()] > 0 {
			return false
		}
	} else {
		for q := range b.blocks {
			if q.Overlaps(p) {
				return false
			}
		}
	}
	for q := range b.wide {
		if q.Overlaps(p) {
			return false
		}
	}
	return true
}
