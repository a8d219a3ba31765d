package ruleset

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// Rule names a rule: the table and chain it is in, and its number there from 1; 0 is
// the chain's policy.
type Rule struct {
	Table *plan.FilterTable
	Chain *plan.FilterChain
	Place int
	// Jump is the chain, and the rule in it, that led to this chain, as text; "" for a base
	// chain.
	Jump string
}

// Outcome is what a base chain did with a packet.
type Outcome struct {
	// Verdict is "accept", "drop", "reject", "snat", "dnat", "masquerade" or "redirect".
	Verdict string
	// By is the rule that gave it; the zero Rule where the chain accepts in the end.
	By Rule
	// Reset: a reject answers with a reset of the connection.
	Reset bool
	// To is what an address and port change to; the zero Addr and port 0 stay as they are.
	To netip.AddrPort
	// Doubts are rules that may have dropped the packet, and Wrote is the last one that wrote
	// into it, the zero Rule for none.
	Doubts []Rule
	Wrote  Rule
	// Zoned is the last rule that put the connection into a zone, the zero Rule for none.
	Zoned Rule
	// Untracked is the last rule that took it out of connection tracking, the zero Rule for none.
	Untracked Rule
}

// Run takes a packet through a base chain, which may change its mark, its time to live
// and its tracking.
func Run(t *plan.FilterTable, c *plan.FilterChain, p *Packet) Outcome {
	m := &machine{table: t, packet: p}
	if m.chain(c, 0) {
		return m.out
	}
	m.out.Verdict = "accept"
	if c.Drops {
		m.verdict("drop", Rule{Table: t, Chain: c})
	}
	return m.out
}

// truth is whether something matches.
type truth int

const (
	no truth = iota
	yes
	maybe
)

func isTrue(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth {
	switch t {
	case no:
		return yes
	case yes:
		return no
	}
	return maybe
}

// machine carries out rules.
type machine struct {
	table  *plan.FilterTable
	packet *Packet
	file   data
	out    Outcome
	// unsure: whether the packet gets here is not known.
	unsure bool
	// at is the rule that is carried out.
	at Rule
	// jumps are the rules that led to the chain that is carried out.
	jumps []Rule
}

// maxDepth is how deep chains may jump (NFT_JUMP_STACK_SIZE).
const maxDepth = 16

// chain carries out the rules of a chain, and reports whether one of them ended it for
// the whole base chain.
func (m *machine) chain(c *plan.FilterChain, depth int) (ended bool) {
	if depth > maxDepth {
		return false
	}
	for i := range c.Rules {
		switch m.rule(Rule{Table: m.table, Chain: c, Place: i + 1}, depth) {
		case stop:
			return true
		case leave:
			return false
		}
	}
	return false
}

// flow is how it goes on after a rule.
type flow int

const (
	next flow = iota
	leave
	stop
)

// rule carries out one rule.
func (m *machine) rule(r Rule, depth int) flow {
	m.file, m.at = unknown(plan.RegisterFile), r
	sure := yes
	for _, e := range r.Chain.Rules[r.Place-1].Exprs {
		t, v := m.expr(e, sure == yes)
		if t == no {
			return next
		}
		if t == maybe {
			sure = maybe
		}
		if v != nil {
			return m.act(*v, r, sure, depth)
		}
	}
	return next
}

// act does what a rule says that matches, or may match.
func (m *machine) act(v act, r Rule, sure truth, depth int) flow {
	if sure == maybe && translates(v.kind) && m.packet.Turn > 0 {
		m.packet.Turn--
		return next
	}
	before := m.unsure
	m.unsure = m.unsure || sure == maybe
	f := m.carryOut(v, r, depth)
	if sure == yes || translates(v.kind) {
		m.unsure = before
		return f
	}
	// Perhaps the packet was accepted or left the chain here.
	m.unsure = before || v.kind != "drop" && v.kind != "reject"
	return next
}

func (m *machine) carryOut(v act, r Rule, depth int) flow {
	switch v.kind {
	case "return":
		return leave
	case "jump", "goto":
		chain := m.named(v.chain)
		m.jumps = append(m.jumps, r)
		ended := chain != nil && m.chain(chain, depth+1)
		if m.jumps = m.jumps[:len(m.jumps)-1]; ended {
			return stop
		}
		if v.kind == "goto" {
			return leave
		}
		return next
	case "queue":
		m.out.Doubts = append(m.out.Doubts, m.jumped(r))
		return next
	case "continue", "break", "":
		return next
	}
	m.out.Reset, m.out.To = v.reset, v.to
	m.verdict(v.kind, r)
	return stop
}

// translates reports whether a verdict changes an address. Of rules that translate
// connections in turn, the one that the packet's Turn says is followed.
func translates(kind string) bool {
	return kind == "dnat" || kind == "snat" || kind == "redirect" || kind == "masquerade"
}

// verdict ends the chain; a packet that may not have come here passes.
func (m *machine) verdict(kind string, r Rule) {
	r = m.jumped(r)
	m.out.Verdict, m.out.By = kind, r
	if !m.unsure || kind == "accept" || translates(kind) {
		return
	}
	if kind == "drop" || kind == "reject" {
		m.out.Doubts = append(m.out.Doubts, r)
	}
	m.out.Verdict, m.out.By = "accept", Rule{}
}

// jumped is a rule with what led to its chain.
func (m *machine) jumped(r Rule) Rule {
	if n := len(m.jumps); n > 0 && r.Place > 0 {
		from := m.jumps[n-1]
		r.Jump = fmt.Sprintf("chain %s by: %s", from.Chain.Name, from.Text())
	}
	return r
}

func (m *machine) named(name string) *plan.FilterChain {
	i := slices.IndexFunc(m.table.Chains, func(c plan.FilterChain) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &m.table.Chains[i]
}

// act is what a rule does in the end.
type act struct {
	kind, chain string
	reset       bool
	to          netip.AddrPort
}
