package lab

import (
	"hash/fnv"
	"sort"
	"strconv"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// CableName is the name of a new cable end in node, as the textbooks name it:
// veth-OWNER, and veth-OWNER-br for the end on a bridge. A taken name gets -2,
// -3, …. The name is reserved within the statement.
func CableName(p *verb.Plan, node, owner, suffix string) string {
	name := func(n int) plan.Ref {
		tail := suffix
		if n > 1 {
			tail += "-" + strconv.Itoa(n)
		}
		return plan.Ref{Node: node, Link: FitName("veth-", owner, tail)}
	}
	r := name(firstFree(func(n int) bool { return !p.HasLinkNow(name(n)) }))
	p.Reserve(r)
	return r.Link
}

// firstFree is the first number from 1 on that is free. Beyond a few it is one that comes after
// one that is not: a thousand cables of one switch need not look at each other.
func firstFree(free func(int) bool) int {
	const few = 16
	n := 1
	for ; n <= few; n++ {
		if free(n) {
			return n
		}
	}
	taken := few
	for ; !free(n); n *= 2 {
		taken = n
	}
	return taken + 1 + sort.Search(n-taken-1, func(i int) bool { return free(taken + 1 + i) })
}

// FitName joins the parts to an interface name. Where it would be longer than the
// kernel takes, the owner is cut and closed with a hash of its whole name: the
// same way every time, and two owners that begin alike stay apart.
func FitName(prefix, owner, suffix string) string {
	const hashLen = 4
	room := plan.MaxIfName - len(prefix) - len(suffix)
	if len(owner) <= room {
		return prefix + owner + suffix
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(owner))
	hash := strconv.FormatUint(uint64(h.Sum32()), 36)
	hash = ("0000" + hash)[len(hash):][:hashLen]
	keep := max(0, room-hashLen)
	for keep > 0 && owner[keep]&0xC0 == 0x80 { // never cut inside a UTF-8 sequence
		keep--
	}
	return prefix + owner[:keep] + hash + suffix
}
