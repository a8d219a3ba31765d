package filter

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// checkOpened finds an address that the node of the ports does not have. What the
// statement does is a word for the advice: "publishes".
func checkOpened(p *verb.Plan, pub publication, at source.Span, does string) {
	if !pub.addr.IsValid() || p.Uncertain() || pub.addr.IsLoopback() {
		return
	}
	own, err := lab.GlobalAddrs(p, pub.node, "")
	p.Err(at, err)
	for _, a := range own {
		if a.Addr() == pub.addr {
			return
		}
	}
	help := ""
	if pub.node == plan.Host {
		help = "\nanother node " + does + " with: on NODE"
	}
	p.Fail(diag.LacksAddress(diag.NotThere, at, pub.node, pub.addr.String()).
		WithHelp("%s%s", lab.Listed("it has", lab.Texts(own), "it has no address"), help))
}

// unopened reports whether no statement leads the connections elsewhere yet.
func unopened(p *verb.Plan, edit *nftEdit, pub publication, at source.Span) bool {
	for _, r := range edit.state.All() {
		if !pub.overlaps(r) {
			continue
		}
		verbName := verbOf(r)
		p.Fail(diag.Errorf(diag.Published, at, "%s is %s already: %s", pub.text(), openedWord(verbName), r.Comment).
			WithHelp("choose another port, or remove that first: del %s %s", verbName, publicationIn(pub.node, *r)))
		return false
	}
	return true
}

// portAt is the place of a finding about the port of the publishing node: the whole
// statement while that may still be named at its end.
func portAt(p *verb.Plan, port source.Span, opts []publishOption) source.Span {
	if slices.ContainsFunc(opts, func(o publishOption) bool { return o.On != nil }) {
		return port
	}
	return p.At
}

// verbOf is the verb of the statement that made a rule.
func verbOf(r *plan.NftRule) string {
	word, _, _ := strings.Cut(r.Comment, " ")
	return word
}

// openedWord is what a port is after a statement of a verb.
func openedWord(verbName string) string {
	if verbName == "redirect" {
		return "redirected"
	}
	return "published"
}
