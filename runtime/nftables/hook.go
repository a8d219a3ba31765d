package nftables

import (
	"nsl/runtime/nfmsg"
	"nsl/runtime/plan"
	"slices"
	"strings"
)

// hook is where a chain of a table is.
type hook struct {
	kind           string
	number, policy uint32
	priority       int32
}

// hook reads what a base chain is: { type T hook H priority P; policy P; }.
func (c Command) hook() hook {
	r := (&reader{slices.Clone(c.spec)}).block()
	h := hook{policy: nfmsg.Accept}
	for !r.ends() {
		line := r.line()
		if line.has("policy") {
			h.policy = map[string]uint32{"accept": nfmsg.Accept, "drop": nfmsg.Drop}[line.peek()]
			need(line.peek() == "accept" || line.peek() == "drop" && h.kind == "filter")
			line.next()
			need(line.empty())
			continue
		}
		line.want("type")
		h.kind = line.next()
		line.want("hook")
		where := line.next()
		n := slices.Index([]string{"prerouting", "input", "forward", "output", "postrouting"}, where)
		need(n >= 0)
		h.number = uint32(n)
		line.want("priority")
		h.priority = line.priority(where)
		if line.has("policy") { // it may be on the same line without an end
			fail(ErrUnsupported)
		}
		need(line.empty())
	}
	need(h.kind == "filter" || h.kind == "nat" && h.number != 2 || h.kind == "route" && h.number == 3)
	need(h.kind != "nat" || h.priority > -200)
	return h
}

// priority reads a number, or a name with what is added to it.
func (r *reader) priority(hook string) int32 {
	w := r.next()
	base, ok := plan.ChainPriority(w)
	need(ok)
	if strings.Trim(w, "+-0123456789") == "" {
		return int32(base)
	}
	need(w != "dstnat" || hook == "prerouting")
	need(w != "srcnat" || hook == "postrouting")
	sign := r.peek()
	if sign == "+" || sign == "-" {
		r.next()
		n := int(r.number(16))
		base += map[string]int{"+": n, "-": -n}[sign]
	}
	return int32(base)
}
