package plan

import (
	"net/netip"
	"strconv"
	"strings"
)

// NftTable is the name of the table, of family inet, that holds the lab's
// rules in each namespace; rules that are not the lab's are never edited.
const NftTable = "nsl"

// Chain is one of the base chains of the lab's table (nft(8)).
type Chain struct{ Name, Type, Hook, Priority string }

// The base chains that the lab's rules are in.
var (
	Prerouting  = Chain{"prerouting", "nat", "prerouting", "dstnat"}
	OutputNAT   = Chain{"output", "nat", "output", "-100"}
	Postrouting = Chain{"postrouting", "nat", "postrouting", "srcnat"}
	Input       = Chain{"input", "filter", "input", "filter"}
	Forward     = Chain{"forward", "filter", "forward", "filter"}
)

// NftRule is a rule in the lab's table: what it matches and what it does then.
type NftRule struct {
	Chain Chain
	// IIf and OIf are interface names, or "".
	IIf, OIf string
	// Src and Dst are the zero Prefix for any. NotDst turns Dst round.
	Src, Dst netip.Prefix
	NotDst   bool
	// Verdict is "masquerade", "accept" or "drop".
	Verdict string
	// Comment says which statement it stands for; 128 bytes at most.
	Comment string
}

// String is the rule as nft(8) takes it.
func (r NftRule) String() string {
	w := r.matches()
	w = append(w, r.Verdict)
	if r.Comment != "" {
		w = append(w, `comment "`+r.Comment+`"`)
	}
	return strings.Join(w, " ")
}

func (r NftRule) matches() []string {
	var w []string
	if r.IIf != "" {
		w = append(w, "iifname", strconv.Quote(r.IIf))
	}
	if r.OIf != "" {
		w = append(w, "oifname", strconv.Quote(r.OIf))
	}
	if r.Src.IsValid() {
		w = append(w, nftFamily(r.Src), "saddr", r.Src.String())
	}
	if r.Dst.IsValid() {
		w = append(w, nftFamily(r.Dst), "daddr")
		if r.NotDst {
			w = append(w, "!=")
		}
		w = append(w, r.Dst.String())
	}
	return w
}

func nftFamily(p netip.Prefix) string {
	if p.Addr().Is6() {
		return "ip6"
	}
	return "ip"
}

// NftState is what the lab's table in a node holds; the zero value is no table.
type NftState struct {
	// Exists tells an empty table from none.
	Exists bool
	Chains []Chain
	Rules  []NftRule
}

// AddNftTable creates the lab's table in a node.
type AddNftTable struct{ Node string }

// DelNftTable deletes the lab's table in a node, with what is in it.
type DelNftTable struct {
	Node string
	Was  []Op
}

// AddNftChain creates a base chain, policy accept, in the lab's table.
type AddNftChain struct {
	Node  string
	Chain Chain
}

// DelNftChain deletes a base chain of the lab's table; it must be empty.
type DelNftChain struct {
	Node  string
	Chain Chain
}

// AddNftRule appends a rule.
type AddNftRule struct {
	Node string
	Rule NftRule
}

// DelNftRule deletes the rule that is equal to Rule.
type DelNftRule struct {
	Node string
	Rule NftRule
}

func (AddNftTable) op() {}
func (DelNftTable) op() {}
func (AddNftChain) op() {}
func (DelNftChain) op() {}
func (AddNftRule) op()  {}
func (DelNftRule) op()  {}

// Object is the table and its node.
func (o AddNftTable) Object() string { return "nft table " + NftTable + " in " + o.Node }

// Object is the table and its node.
func (o DelNftTable) Object() string { return "nft table " + NftTable + " in " + o.Node }

// Object is the chain and its node.
func (o AddNftChain) Object() string { return "nft chain " + o.Chain.Name + " in " + o.Node }

// Object is the chain and its node.
func (o DelNftChain) Object() string { return "nft chain " + o.Chain.Name + " in " + o.Node }

// Object is the rule and its node.
func (o AddNftRule) Object() string { return "nft rule " + o.Rule.String() + " in " + o.Node }

// Object is the rule and its node.
func (o DelNftRule) Object() string { return "nft rule " + o.Rule.String() + " in " + o.Node }

// Inverse deletes the table.
func (o AddNftTable) Inverse() []Op { return []Op{DelNftTable{Node: o.Node}} }

// Inverse makes the table and its content again.
func (o DelNftTable) Inverse() []Op { return append([]Op{AddNftTable{o.Node}}, o.Was...) }

// Inverse deletes the chain.
func (o AddNftChain) Inverse() []Op { return []Op{DelNftChain(o)} }

// Inverse makes the chain again.
func (o DelNftChain) Inverse() []Op { return []Op{AddNftChain(o)} }

// Inverse deletes the rule.
func (o AddNftRule) Inverse() []Op { return []Op{DelNftRule(o)} }

// Inverse adds the rule.
func (o DelNftRule) Inverse() []Op { return []Op{AddNftRule(o)} }

// Commands is nft add table.
func (o AddNftTable) Commands() []Command { return nft(o.Node, "add", "table", "inet", NftTable) }

// Commands is nft delete table.
func (o DelNftTable) Commands() []Command { return nft(o.Node, "delete", "table", "inet", NftTable) }

// Commands is nft add chain.
func (o AddNftChain) Commands() []Command {
	c := o.Chain
	return nft(o.Node, "add", "chain", "inet", NftTable, c.Name,
		"{ type "+c.Type+" hook "+c.Hook+" priority "+c.Priority+"; policy accept; }")
}

// Commands is nft delete chain.
func (o DelNftChain) Commands() []Command {
	return nft(o.Node, "delete", "chain", "inet", NftTable, o.Chain.Name)
}

// Commands is nft add rule.
func (o AddNftRule) Commands() []Command {
	return nft(o.Node, "add", "rule", "inet", NftTable, o.Rule.Chain.Name, o.Rule.String())
}

// Commands is empty: nft deletes a rule by its handle, which is not known beforehand.
func (o DelNftRule) Commands() []Command { return nil }

func nft(node string, words ...string) []Command {
	return []Command{Inside(node, append([]string{"nft"}, words...)...)}
}
