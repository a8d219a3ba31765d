package why

import (
	"fmt"
	"strings"

	"nsl/runtime/path"
)

// discarded names the queue that drops the packet.
func (q *inquiry) discarded(e path.Discarded) {
	q.stop(fmt.Sprintf("the queue of %s drops what is sent there: %s", e.At, qdiscWords(e)), qdiscFix(e))
}

// qdiscWords describes a queueing discipline in the words of tc(8).
func qdiscWords(e path.Discarded) string {
	q := e.Qdisc
	words := "qdisc " + q.Kind
	switch {
	case q.Filter && q.Ingress:
		return "tc filter " + q.Kind + " at its ingress"
	case q.Filter:
		return "tc filter " + q.Kind
	case q.Kind == "pfifo":
		words += fmt.Sprintf(" limit %d", q.Limit)
	case q.Kind == "bfifo":
		words += fmt.Sprintf(" limit %d bytes, and the frame has %d", q.Limit, e.Size)
	case q.Kind == "tbf" && e.Size > q.Burst:
		words += fmt.Sprintf(" with a burst of %d bytes, and the frame has %d", q.Burst, e.Size)
	case q.Kind == "tbf" && e.Size > q.Limit:
		words += fmt.Sprintf(" with a limit of %d bytes, and the frame has %d", q.Limit, e.Size)
	case q.Kind == "tbf":
		words += fmt.Sprintf(" rate %d bit/s", 8*q.Rate)
	case q.Kind == "netem":
		words += fmt.Sprintf(" loss %.0f%%", 100*q.Loss)
	case q.Dropped > 0:
		words += fmt.Sprintf(", which has dropped %d packets", q.Dropped)
	}
	return words
}

func qdiscFix(e path.Discarded) string {
	what := "qdisc show dev " + e.At.Link
	if e.Qdisc.Filter {
		what = "filter show dev " + e.At.Link
		if e.Qdisc.Ingress {
			what += " ingress"
		}
	}
	return fmt.Sprintf("look at it: exec %s tc %s", e.At.Node, what)
}

// unfragmented says that a packet is too big for a link on the way, and why its sender does
// not hear of it; heard is the fate of the ICMP error.
func (q *inquiry) unfragmented(f path.Fate, e path.Unfragmented, heard *path.Fate) {
	why := fmt.Sprintf("%s cannot pass on a packet of %d bytes by %s: its MTU is %d", e.Node, e.Size, e.Out, e.MTU)
	if e.ByRoute {
		why = fmt.Sprintf("%s cannot pass on a packet of %d bytes by %s: its route has an MTU of %d (mtu lock)", e.Node, e.Size, e.Out, e.MTU)
	}
	if heard == nil || heard.Arrived() {
		q.stop(why, q.advise("let it take larger packets", fmt.Sprintf("mtu %s:%s %d", e.Node, e.Out, e.Size)))
		return
	}
	sub := *q
	sub.why, sub.fix = "", ""
	sub.say(*heard, true)
	sub.why = strings.Replace(sub.why, "the reply", "that error", 1)
	q.stop(fmt.Sprintf("%s, and %s does not get the ICMP error (fragmentation needed) that says so: %s", why, f.Hops[0].Node, sub.why), sub.fix)
}
