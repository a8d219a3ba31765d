package nftables

import (
	"nsl/runtime/plan"
	"slices"
	"strings"
)

// Command is a command of nft(8) that changes tables.
type Command struct {
	// verb is add, create, insert, delete or flush, of an object: table, chain, rule, set,
	// map, element or ruleset.
	verb, object string
	family       byte
	table, name  string
	// spec is what follows.
	spec []token
}

// families are those of tables (NFPROTO_*, <linux/netfilter.h>) that are known here.
func families() map[string]byte { return map[string]byte{"ip": ip, "ip6": ip6, "inet": inet} }

const inet, ip, ip6 = 1, 2, 10

// familyName is the name of a family; "" for all of them, which is 0.
func familyName(family byte) string {
	for name, f := range families() {
		if f == family {
			return name
		}
	}
	return ""
}

// Parse reads the commands of a text: of a command line, or of a file. The error is
// [ErrUnsupported] where one is not known to be right.
func Parse(text string) (list []Command, err error) {
	defer catch(&err)
	r := &reader{lex(text)}
	for !r.ends() {
		list = append(list, r.command()...)
	}
	for _, c := range list {
		c.check()
	}
	return list, nil
}

func objects() []string {
	return []string{"table", "chain", "rule", "set", "map", "element", "ruleset"}
}

// command reads a command with all that is nested in it.
func (r *reader) command() []Command {
	c := Command{verb: "add"}
	if slices.Contains([]string{"add", "create", "insert", "delete", "flush"}, r.peek()) {
		c.verb = r.next()
	}
	c.object = "rule"
	if slices.Contains(objects(), r.peek()) {
		c.object = r.next()
	}
	c.family = ip
	if f, ok := families()[r.peek()]; ok {
		c.family = f
		r.next()
	} else if c.object == "ruleset" {
		c.family = 0
	}
	if c.object != "ruleset" {
		c.table = r.identifier()
	}
	if c.object != "ruleset" && c.object != "table" {
		c.name = r.identifier()
	}
	if c.object == "table" && r.peek() == "{" && c.verb == "add" {
		return append([]Command{c}, c.nested(r.block())...)
	}
	c.spec = r.line().list
	return []Command{c}
}

// identifier is the name of a table, a chain or a set.
func (r *reader) identifier() string {
	t := r.token()
	need(!t.quoted && t.text != "" && len(t.text) < 128 && strings.Trim(t.text, nameLetters) == "" && strings.IndexAny(t.text, "0123456789-/.") != 0)
	return t.text
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"

// nested are the commands that a table with its content is: all chains and sets, and then
// the rules, as the program orders them.
func (c Command) nested(in *reader) []Command {
	var sets, chains, rules []Command
	for !in.ends() {
		part := Command{verb: "add", object: in.next(), family: c.family, table: c.table, name: in.identifier()}
		body := in.block()
		need(in.empty() || in.has(";"))
		switch part.object {
		case "chain":
			chain, list := part.chain(body)
			chains, rules = append(chains, chain), append(rules, list...)
		case "set", "map":
			part.spec = braced(body.lines())
			sets = append(sets, part)
		default:
			fail(ErrUnsupported)
		}
	}
	return slices.Concat(chains, sets, rules)
}

// lines are the lines of a set, each with its end; in their braces there is none.
func (r *reader) lines() (list []token) {
	for !r.ends() {
		line := slices.DeleteFunc(r.line().list, func(t token) bool { return t.text == ";" && !t.quoted })
		list = append(append(list, line...), token{text: ";"})
	}
	return list
}

// chain parts the content of a chain in its hook and its rules.
func (c Command) chain(body *reader) (chain Command, rules []Command) {
	chain = c
	for !body.ends() {
		line := body.line()
		switch line.peek() {
		case "type", "policy":
			chain.spec = append(append(chain.spec, line.list...), token{text: ";"})
		default:
			rules = append(rules, Command{"add", "rule", c.family, c.table, c.name, line.list})
		}
	}
	if len(chain.spec) > 0 {
		chain.spec = braced(chain.spec)
	}
	return chain, rules
}

func braced(list []token) []token {
	return slices.Concat([]token{{text: "{"}}, list, []token{{text: "}"}})
}

// check reads the command without a table.
func (c Command) check() {
	known := map[string]string{"add": "table chain rule set map element", "create": "table chain set map element", "insert": "rule",
		"delete": "table chain set map element", "flush": "table chain set map ruleset"}
	need(slices.Contains(strings.Fields(known[c.verb]), c.object))
	need(c.table != plan.NftTable || c.family != inet) // that one only nsl's own statements change
	switch {
	case c.object == "rule":
		c.rule()
	case c.object == "element":
		r := &reader{slices.Clone(c.spec)}
		r.block()
		need(r.empty())
	case c.object == "chain" && len(c.spec) > 0:
		c.hook()
	case (c.object == "set" || c.object == "map") && c.verb != "delete" && c.verb != "flush":
		c.set()
	default:
		need(len(c.spec) == 0)
	}
}

// Words are those of the command, one for each that a shell would have in quotation marks.
func (c Command) Words() []string {
	words := []string{c.verb, c.object}
	for _, w := range []string{familyName(c.family), c.table, c.name} {
		if w != "" {
			words = append(words, w)
		}
	}
	r := &reader{c.spec}
	for !r.empty() {
		if r.peek() == "{" {
			words = append(words, spell("", braced(r.block().list)))
			continue
		}
		words = append(words, spell(words[len(words)-1], []token{r.token()}))
	}
	return words
}

// spell writes tokens after a word as nft(8) prints them: texts are in quotation marks.
func spell(before string, list []token) string {
	var b strings.Builder
	for i, t := range list {
		text := t.text
		if t.quoted && (text == "" || strings.Trim(text, nameLetters+":") != "" || before == "comment" || before == "prefix") {
			text = `"` + text + `"`
		}
		if i > 0 && text != "," && text != ";" {
			b.WriteByte(' ')
		}
		b.WriteString(text)
	}
	return b.String()
}
