package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nsl/runtime/path"
	"nsl/stdlib/lab"
)

// filtered names the rule that stopped the packet: by its statement if it has one, else
// by its table and chain.
func (q *inquiry) filtered(e path.Filtered, back bool) {
	does := "drops"
	if e.Rule.Verdict == "reject" {
		does = "rejects"
	}
	rule, fix := q.ruleOf(e)
	q.stop(fmt.Sprintf("%s %s %s%s: %s", e.Node, does, filteredWhat(e, back), filteredWhere(e), rule), fix)
}

// filteredWhat is what a rule stopped.
func filteredWhat(e path.Filtered, back bool) string {
	switch {
	case e.Frame != "":
		return "the " + e.Frame
	case back:
		return "the reply"
	}
	return "the packet"
}

// filteredWhere says that a bridge has its frames filtered as IP packets.
func filteredWhere(e path.Filtered) string {
	if e.Bridge == "" {
		return ""
	}
	return fmt.Sprintf(" that its bridge %s passes on (%s is 1)", e.Bridge, e.BridgeKey)
}

// ruleOf is a rule as it is named, and what to do about it.
func (q *inquiry) ruleOf(e path.Filtered) (rule, fix string) {
	own := e.Rule.Comment
	verbName, _, _ := strings.Cut(own, " ")
	look := "look at its rules: show nat " + e.Node
	switch {
	case lab.Verdicts()[verbName] != "" && len(own) < lab.MaxComment:
		return own, cmp.Or(q.advise("take the rule away", "del "+own), look)
	case e.Rule.Chain.Name != "":
		return e.Rule.String(), look
	}
	return fmt.Sprintf("%s (%s)", e.By.Text, e.By.Where), lookAt(e.Node, e.By)
}

// lookAt is the command that shows a rule which is not the lab's.
func lookAt(node string, by path.RuleName) string {
	program, _, _ := strings.Cut(by.Where, " ")
	if program == "table" {
		return fmt.Sprintf("look at the rules: exec %s nft list ruleset", node)
	}
	_, table, _ := strings.Cut(by.Where, "table ")
	table, _, _ = strings.Cut(table, ",")
	return fmt.Sprintf("look at the rules: exec %s %s-legacy -t %s -S", node, program, table)
}

// redirected adds to what is said of the end of a connection the rule, not of the lab, that
// led it there.
func (q *inquiry) redirected(why, fix string) (string, string) {
	if why == "" {
		return why, fix
	}
	for _, h := range slices.Backward(q.Request.Hops) {
		for _, n := range slices.Backward(h.NAT) {
			if !n.Source && n.By.Text != "" && n.Rule.Comment == "" {
				return fmt.Sprintf("%s; %s sends the connection there: %s (%s)", why, h.Node, n.By.Text, n.By.Where), lookAt(h.Node, n.By)
			}
		}
	}
	return why, fix
}

// doubted names what may have stopped the packet or the reply, where nothing is known to
// have.
func (q *inquiry) doubted() {
	q.doubt(q.Request, false)
	if q.Reply != nil {
		q.doubt(*q.Reply, true)
	}
	q.conditional(q.Request)
	if q.Reply != nil {
		q.conditional(*q.Reply)
	}
}

func (q *inquiry) doubt(f path.Fate, back bool) {
	for _, end := range f.Doubts {
		switch e := end.(type) {
		case path.Filtered:
			rule, fix := q.ruleOf(e)
			q.stop(fmt.Sprintf("%s may be dropped by %s%s: %s", filteredWhat(e, back), e.Node, filteredWhere(e), rule), fix)
		case path.Policed:
			q.stop(fmt.Sprintf("%s may be dropped by an IPsec policy (xfrm) of %s: src %s dst %s dir %s", filteredWhat(path.Filtered{}, back), e.Node, e.Policy.Src, e.Policy.Dst, e.Policy.Dir),
				fmt.Sprintf("look at it: exec %s ip xfrm policy show", e.Node))
		case path.Discarded:
			q.stop(fmt.Sprintf("%s may be dropped by the queue of %s: %s", filteredWhat(path.Filtered{}, back), e.At, qdiscWords(e)), qdiscFix(e))
		}
	}
}
