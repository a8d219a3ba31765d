package why

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/path"
)

// unpublished finds that a node where nothing listens changes the destination of other
// connections, and not of this one: a published port that is another one, or of another
// protocol, address or sender.
func (q *inquiry) unpublished() bool {
	at := q.Request.Hops[len(q.Request.Hops)-1]
	rules := path.Translators(q.snap, at.Node, false)
	changed := slices.ContainsFunc(q.Request.Hops, func(h path.Hop) bool { return len(h.NAT) > 0 })
	if !q.Request.Arrived() || changed || len(rules) == 0 {
		return false
	}
	p := q.Request.Packet
	if by := at.Untracked; by.Where != "" {
		q.why = fmt.Sprintf("no process listens on %s:%d, and what %s publishes does not count for a packet that it does not track: %s (%s)", at.Node, p.DstPort, at.Node, by.Text, by.Where)
		q.fix = lookAt(at.Node, by)
		return true
	}
	q.why = fmt.Sprintf("no process listens on %s:%d, and what %s publishes does not match %s to %s: %s", at.Node, p.DstPort, at.Node, p.Proto,
		netip.AddrPortFrom(p.Dst, p.DstPort), rulesText(rules))
	q.fix = "compare: show nat " + at.Node
	return true
}

// untranslated are the rules of the routers on the way of the request that change sources,
// and did not change that of this one.
func (q *inquiry) untranslated(src netip.Addr) string {
	if !src.IsPrivate() || src != q.Request.Packet.Src {
		return ""
	}
	for _, h := range q.Request.Hops {
		if h.In == "" || h.Out == "" || len(h.NAT) > 0 {
			continue
		}
		rules := path.Translators(q.snap, h.Node, true)
		if by := h.Untracked; by.Where != "" && len(rules) > 0 {
			return fmt.Sprintf("; %s leaves that source as it is, for it does not track the packet: %s (%s)", h.Node, by.Text, by.Where)
		}
		if len(rules) > 0 {
			return fmt.Sprintf("; %s leaves that source as it is: its rules do not match packets that leave by %s for %s: %s", h.Node, h.Out, q.Request.Packet.Dst, rulesText(rules))
		}
	}
	return ""
}

// rulesText are the first of some rules, each as its statement or as nft(8) has it.
func rulesText(rules []path.RuleName) string {
	const most = 3
	var words []string
	for _, r := range rules {
		text := fmt.Sprintf("%s (%s)", r.Text, r.Where)
		if r.Comment != "" && !strings.HasPrefix(r.Comment, "publish") {
			text = fmt.Sprintf("%s (%s)", r.Comment, r.Text)
		} else if r.Comment != "" {
			text = r.Comment
		}
		if !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	if len(words) > most {
		words = append(words[:most], "…")
	}
	return strings.Join(words, ", ")
}

// zoned finds a node that does not know what comes back as a part of the connection, for the
// request was in another zone of connection tracking.
func (q *inquiry) zoned(f path.Fate) bool {
	i := slices.IndexFunc(f.Hops, func(h path.Hop) bool { return h.Zoned != nil })
	if i < 0 {
		return false
	}
	z := f.Hops[i].Zoned
	q.stop(fmt.Sprintf("%s does not know the reply as a part of the connection: it has tracked the request in zone %d, and the reply is in zone %d (ct zone): %s (%s)",
		f.Hops[i].Node, z.Request, z.Reply, z.By.Text, z.By.Where), lookAt(f.Hops[i].Node, z.By))
	return true
}
