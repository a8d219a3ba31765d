package plan

import (
	"strconv"
	"strings"
)

// NftTable is the name of the table, of family inet, that holds the lab's
// rules in each namespace; rules that are not the lab's are never edited.
const NftTable = "nsl"

// Chain is one of the base chains of the lab's table (nft(8)).
type Chain struct{ Name, Type, Hook, Priority string }

// The base chains that the lab's rules are in. What a node sends itself passes
// MarkOut, after which it chooses the route again if there is a mark, OutputNAT, where published
// ports are translated, and then Output.
var (
	Prerouting  = Chain{"prerouting", "nat", "prerouting", "dstnat"}
	OutputNAT   = Chain{"output", "nat", "output", "-100"}
	Postrouting = Chain{"postrouting", "nat", "postrouting", "srcnat"}
	Input       = Chain{"input", "filter", "input", "filter"}
	Forward     = Chain{"forward", "filter", "forward", "filter"}
	Output      = Chain{"filter-output", "filter", "output", "filter"}
	MarkIn      = Chain{"marks", "filter", "prerouting", "mangle"}
	MarkOut     = Chain{"marks-output", "route", "output", "mangle"}
)

// ChainPriority is the number of a priority of a chain of the families ip, ip6 and inet: it is
// a number itself, or one of the standard names (nft(8)); ok is false for anything else.
func ChainPriority(text string) (n int, ok bool) {
	if n, ok = map[string]int{"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}[text]; ok {
		return n, true
	}
	number, err := strconv.ParseInt(text, 10, 32)
	return int(number), err == nil
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

// AddNftRule adds a rule to its chain.
type AddNftRule struct {
	Node string
	Rule NftRule
	// Place is where in the chain the rule is to be: 0 is the end, 1 the first.
	Place int
}

// DelNftRule deletes a rule that is equal to Rule: the one that is at
// Place or, with Place 0, the last of them.
type DelNftRule struct {
	Node  string
	Rule  NftRule
	Place int
}

func (AddNftTable) op() {}
func (DelNftTable) op() {}
func (AddNftChain) op() {}
func (DelNftChain) op() {}
func (AddNftRule) op()  {}
func (DelNftRule) op()  {}

// Effect is only what is in it.
func (o AddNftTable) Effect() Effect {
	return Effect{Object: "nft table " + NftTable + " in " + o.Node}
}

// Effect is the loss of the table.
func (o DelNftTable) Effect() Effect { return lost(AddNftTable{o.Node}.Effect().Object) }

// Effect is only what is in it.
func (o AddNftChain) Effect() Effect {
	return Effect{Object: "nft chain " + o.Chain.Name + " in " + o.Node}
}

// Effect is a loss of no interest: the chain is empty.
func (o DelNftChain) Effect() Effect {
	return Effect{Object: AddNftChain(o).Effect().Object, Lost: true}
}

// Effect is the rule, without its comment.
func (o AddNftRule) Effect() Effect {
	e := Effect{Object: "nft rule " + o.Rule.String() + " in " + o.Node}
	// The statement that made it says what it is for; one statement may make several.
	text := o.Rule.Comment
	if text == "" {
		text = strings.TrimSpace(o.Rule.String())
	}
	e.Text = o.Node + ": " + text
	return e
}

// Effect is the loss of the rule.
func (o DelNftRule) Effect() Effect { return lost("nft rule " + o.Rule.String() + " in " + o.Node) }

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

// Commands is nft add rule, or nft insert rule. An index counts from 0, and the
// new rule comes after it (nft(8)).
func (o AddNftRule) Commands() []Command {
	chain, rule := o.Rule.Chain.Name, o.Rule.String()
	switch o.Place {
	case 0:
		return nft(o.Node, "add", "rule", "inet", NftTable, chain, rule)
	case 1:
		return nft(o.Node, "insert", "rule", "inet", NftTable, chain, rule)
	}
	return nft(o.Node, "add", "rule", "inet", NftTable, chain, "index", strconv.Itoa(o.Place-2), rule)
}

// Commands is nft delete rule. It wants the rule's handle, which nft -a tells:
// each rule's is at the end of its line, after those of the table and the
// chain.
func (o DelNftRule) Commands() []Command {
	which := ""
	if o.Place > 0 {
		which = "head -n " + strconv.Itoa(o.Place) + " | "
	}
	chain := "inet " + NftTable + " " + o.Rule.Chain.Name
	script := "nft delete rule " + chain + " handle $(nft -a list chain " + chain +
		` | grep "[^{] # handle" | ` + which + `tail -n 1 | grep -o "[0-9]*$")`
	return []Command{Inside(o.Node, "sh", "-c", script)}
}

func nft(node string, words ...string) []Command {
	return []Command{Inside(node, append([]string{"nft"}, words...)...)}
}
