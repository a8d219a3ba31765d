package links

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// bond is the statement bond.
type bond struct {
	At      syntax.Endpoint `parser:"'bond' @@"`
	Members []syntax.IfName `parser:"('<' @@* '>')?"`
	Opts    []bondOption    `parser:"@@*"`
}

// bondOption is one option of bond.
type bondOption struct {
	Mode    *bondMode        `parser:"  'mode' @@"`
	Monitor *syntax.Duration `parser:"| 'miimon' @@"`
	Hash    *hashPolicy      `parser:"| 'xmit-hash-policy' @@"`
	Rate    *lacpRate        `parser:"| 'lacp-rate' @@"`
	Made    *newLinkOption   `parser:"| @@"`
}

// Bond is the verb bond.
func Bond() *verb.Verb {
	return verb.Define[bond](verb.Spec{
		Name:    plan.Bond,
		Also:    []string{"bonding", "lag", "etherchannel"},
		Summary: "make one interface of several: it goes on when the cable of one is pulled, or uses all at once",
		Usage: []string{
			"bond NODE:NAME <IFACE…> [mode MODE] [miimon T] [ADDR/LEN…] [mtu N] [mac M]",
			"bond NODE:NAME <IFACE…> mode balance-xor|802.3ad|balance-tlb [xmit-hash-policy POLICY]",
			"bond NODE:NAME <IFACE…> mode 802.3ad [lacp-rate slow|fast]",
		},
		Doc: `The members are interfaces of the same node. They have no addresses of their own; the bond has
them, and sends by its members as its mode says:

- active-backup, the default: by one of them, and by another one when that fails
- 802.3ad: by all, agreed on with the other end by LACP; that is to be such a bond, too
- balance-rr: by one after the other, packet by packet
- balance-xor: by the member that the packet's addresses choose
- broadcast: by all at once
- balance-tlb, balance-alb: by the one that has least to do

The other ends of the cables are ports of one switch; for balance-rr, balance-xor and broadcast
they are members of a bond as well.

Each ` + "`miimon`" + `, 100ms unless another time is given, the bond looks which members have carrier. With
0s it never looks. ` + "`xmit-hash-policy`" + ` is layer2 (hardware addresses), layer2+3 (and IP addresses),
layer3+4 (IP addresses and ports), encap2+3, encap3+4 or vlan+srcmac.

The kernel sets a member down and up again, and gives it the MTU of the bond and, but in
balance-tlb and balance-alb, its hardware address, which is that of the first member unless
` + "`mac`" + ` names one. More members come with ` + "`attach NODE:IFACE -> NODE:NAME`" + `, and leave with ` + "`detach`" + `.
` + "`expect link NODE:IFACE active`" + ` or ` + "`backup`" + ` says which one is in use.

The kernel needs its module ` + "`bonding`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "A server with two cables to a switch.", Needs: "bond", Code: `ns h peer
bridge sw <peer> 10.0.0.0/24
link h:eth1 <-> host:p1 noaddr
link h:eth2 <-> host:p2 noaddr
attach p1 -> sw
attach p2 -> sw
bond h:bond0 <eth1 eth2> mode active-backup 10.0.0.9/24
expect ping peer -> 10.0.0.9
down h:eth1
expect ping peer -> 10.0.0.9
expect link h:eth2 active
`},
			{Note: "Two hosts with two cables, by which packets go in turn.", Needs: "bond", Code: `ns a b
link a:eth1 <-> b:eth1 noaddr
link a:eth2 <-> b:eth2 noaddr
bond a:bond0 <eth1 eth2> mode balance-rr 10.0.0.1/24
bond b:bond0 <eth1 eth2> mode balance-rr 10.0.0.2/24
expect ping a -> b
`},
		},
	})
}

// bondMode is a mode of a bond.
type bondMode struct{ syntax.Text }

// Parse takes one word.
func (m *bondMode) Parse(lex *lexer.PeekingLexer) error { return m.Text.Parse(lex) }

// Completes implements [syntax.Completer].
func (bondMode) Completes() []syntax.Completion {
	return []syntax.Completion{syntax.Words(plan.BondModes())}
}

// Problem refuses other words, and the kernel's numbers for the modes.
func (m bondMode) Problem() *diag.Diagnostic { return noWord(m.Text, "bond mode", plan.BondModes()) }

// hashPolicy is a policy by which a bond spreads packets.
type hashPolicy struct{ syntax.Text }

// Parse takes one word.
func (h *hashPolicy) Parse(lex *lexer.PeekingLexer) error { return h.Text.Parse(lex) }

// Completes implements [syntax.Completer].
func (hashPolicy) Completes() []syntax.Completion {
	return []syntax.Completion{syntax.Words(plan.HashPolicies())}
}

// Problem refuses other words.
func (h hashPolicy) Problem() *diag.Diagnostic {
	return noWord(h.Text, "policy", plan.HashPolicies())
}

// lacpRate is how often the other end is asked to send.
type lacpRate struct{ syntax.Text }

// Parse takes one word.
func (r *lacpRate) Parse(lex *lexer.PeekingLexer) error { return r.Text.Parse(lex) }

// Completes implements [syntax.Completer].
func (lacpRate) Completes() []syntax.Completion {
	return []syntax.Completion{syntax.Words(lacpRates())}
}

// Problem refuses other words.
func (r lacpRate) Problem() *diag.Diagnostic { return noWord(r.Text, "LACP rate", lacpRates()) }

func lacpRates() []string { return []string{"slow", fastRate} }

const fastRate = "fast"

// noWord refuses what is none of some words; what says what they are.
func noWord(t syntax.Text, what string, words []string) *diag.Diagnostic {
	if t.Dynamic || slices.Contains(words, t.Value) {
		return nil
	}
	return diag.Errorf(diag.BadWord, t.Span, "there is no %s %q", what, t.Value).
		WithNearest(t.Value, words, "one of %s", strings.Join(words, ", "))
}

// Check refuses options that the mode does not have, times that the kernel does not take, and
// members that are named twice.
func (b *bond) Check() diag.List {
	list := append(namedTwice(b.Members), lab.Repeated(plan.Bond, b.Opts)...)
	for _, o := range b.Opts {
		switch mode := b.mode(); {
		case o.Hash != nil && !plan.Hashes(mode):
			list.Add(diag.Errorf(diag.OptionClash, o.Hash.Span, "mode %s spreads packets by no policy", mode).
				WithHelp("modes that do: balance-xor, 802.3ad, balance-tlb"))
		case o.Rate != nil && mode != plan.LACP:
			list.Add(diag.Errorf(diag.OptionClash, o.Rate.Span, "lacp-rate is an option of mode 802.3ad"))
		case o.Monitor != nil:
			list.Add(badMonitor(*o.Monitor, mode))
		}
	}
	return list
}

// badMonitor refuses a time that is no whole number of milliseconds, and none where the mode
// needs one.
func badMonitor(d syntax.Duration, mode string) *diag.Diagnostic {
	switch t := d.Duration(); {
	case d.Dynamic || d.Problem() != nil:
	case t%time.Millisecond != 0 || t > time.Hour:
		return diag.Errorf(diag.BadDuration, d.Span, "miimon is whole milliseconds, up to an hour, not %s", d.Value)
	case t == 0 && plan.Monitored(mode):
		return diag.Errorf(diag.OptionClash, d.Span, "mode %s has to look for the carrier of its members", mode).
			WithHelp("leave miimon out: it is %s then", plan.UsualMonitor)
	}
	return nil
}

// mode is that of the bond.
func (b *bond) mode() string {
	mode := ""
	for _, o := range b.Opts {
		if o.Mode != nil {
			mode = o.Mode.Value
		}
	}
	return cmp.Or(mode, plan.ActiveBackup)
}

// Plan makes it, of members that are set down before.
func (b *bond) Plan(p *verb.Plan) {
	n, ok := newLink(p, b.At, plan.Bond)
	if !ok {
		return
	}
	n.op.Mode, n.op.Monitor = b.mode(), plan.UsualMonitor
	for _, o := range b.Opts {
		switch {
		case o.Monitor != nil:
			n.op.Monitor = o.Monitor.Duration()
		case o.Hash != nil && o.Hash.Value != plan.HashPolicies()[0]:
			n.op.Hash = o.Hash.Value
		case o.Rate != nil:
			n.op.FastLACP = o.Rate.Value == fastRate
		case o.Made != nil:
			n.apply(*o.Made)
		}
	}
	made := plan.Link{Node: n.op.Node, Name: n.op.Name, Kind: plan.Bond}
	for _, l := range newMembers(p, made, b.Members, cannotBond) {
		n.configure = append(n.configure, joinBond(p, l, made)...)
	}
	if !p.Failed() {
		n.emit()
	}
}
