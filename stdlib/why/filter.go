package why

import (
	"fmt"
	"slices"
	"strings"

	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// filtered names the rule that stopped the packet, by its statement if it has one.
func (q *inquiry) filtered(e path.Filtered, back bool) {
	what, does, r := "the packet", "drops", e.Rule
	if back {
		what = "the reply"
	}
	if r.Verdict == "reject" {
		does = "rejects"
	}
	rule, fix := r.Comment, q.advise("take the rule away", "del "+r.Comment)
	if verbName, _, _ := strings.Cut(r.Comment, " "); lab.Verdicts()[verbName] == "" || len(r.Comment) == lab.MaxComment {
		rule, fix = r.String(), ""
	}
	if fix == "" {
		fix = fmt.Sprintf("look at its rules: show nat %s", e.Node)
	}
	q.stop(fmt.Sprintf("%s %s %s: %s", e.Node, does, what, rule), fix)
}

// foreign finds rules on the way that are not the lab's: what they do is not
// known, but nothing else explains the silence.
func (q *inquiry) foreign() {
	hops := slices.Clone(q.Request.Hops)
	if q.Reply != nil {
		hops = append(hops, q.Reply.Hops...)
	}
	for _, h := range hops {
		state, err := q.snap.Nft(h.Node)
		if err != nil {
			continue
		}
		what := state.Others
		if slices.ContainsFunc(state.Rules, func(r plan.NftRule) bool { return r.Verdict == plan.Foreign }) {
			what = append(slices.Clone(what), "inet "+plan.NftTable)
		}
		if len(what) > 0 {
			q.stop(fmt.Sprintf("%s has packet filter rules that nsl did not make, in table %s", h.Node, strings.Join(what, ", ")),
				fmt.Sprintf("look at them: exec %s nft list ruleset", h.Node))
		}
	}
}
