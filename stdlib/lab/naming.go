package lab

import (
	"hash/fnv"
	"strconv"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// CableName is the name of a new cable end in node, as the textbooks name it:
// veth-OWNER, and veth-OWNER-br for the end on a bridge. A taken name gets -2,
// -3, …. The name is reserved within the statement.
func CableName(p *verb.Plan, node, owner, suffix string) string {
	for n := 1; ; n++ {
		tail := suffix
		if n > 1 {
			tail += "-" + strconv.Itoa(n)
		}
		r := plan.Ref{Node: node, Link: FitName("veth-", owner, tail)}
		if !p.HasLinkNow(r) {
			p.Reserve(r)
			return r.Link
		}
	}
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
