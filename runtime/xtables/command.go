package xtables

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// ErrUnsupported is a command that only the program itself can do.
var ErrUnsupported = errors.New("only the program itself can do this")

// Command is a command line of iptables(8) that changes a table, or looks for a rule.
type Command struct {
	// Six is ip6tables.
	Six bool
	// Table and Chain are what it is about; Chain is "" for all.
	Table, Chain string
	// verb is the letter of the command: A, C, D, F, I, N, P, R, X or Z.
	verb byte
	// place is the number of a rule, 0 for none.
	place int
	// policy is that of P.
	policy string
	// rules are those of A, C, D, I and R.
	rules []nfmsg.Exprs
	// jumps are the chains that the rules need.
	jumps []string
}

// Parse reads the words of a command after the name of the program. The error is
// [ErrUnsupported] where they are not known to be right.
func Parse(six bool, words []string) (Command, error) {
	p := &parser{words: words}
	p.cmd.Six, p.cmd.Table = six, "filter"
	for p.err == nil && len(p.words) > 0 {
		p.option()
	}
	if p.err == nil {
		p.finish()
	}
	return p.cmd, p.err
}

// parser reads the words from the first to the last.
type parser struct {
	cmd   Command
	words []string
	err   error
	// not: an exclamation mark is before the option.
	not bool
	rule
}

func (p *parser) unsupported() {
	if p.err == nil {
		p.err = ErrUnsupported
	}
}

// next takes a word.
func (p *parser) next() string {
	if len(p.words) == 0 {
		p.unsupported()
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// argument takes a word that is no option, "" if there is none.
func (p *parser) argument() string {
	if len(p.words) == 0 || strings.HasPrefix(p.words[0], "-") || p.words[0] == "!" {
		return ""
	}
	return p.next()
}

// commands are the long names of the commands.
func commands() map[string]byte {
	return map[string]byte{"--append": 'A', "--check": 'C', "--delete": 'D', "--flush": 'F', "--insert": 'I', "--new-chain": 'N',
		"--policy": 'P', "--replace": 'R', "--delete-chain": 'X', "--zero": 'Z', "--new": 'N'}
}

// option reads an option with its values.
func (p *parser) option() {
	w := p.next()
	p.not = w == "!"
	if p.not {
		w = p.next()
	}
	if verb, ok := commandLetter(w); ok {
		p.command(verb)
		return
	}
	switch w {
	case "-t", "--table":
		p.cmd.Table = p.next()
	case "-w", "--wait":
		if len(p.words) > 0 && isNumber(p.words[0]) {
			p.next()
		}
	case "-v", "--verbose", "-n", "--numeric", "--line-numbers":
	default:
		p.matchOption(w)
	}
}

func commandLetter(w string) (byte, bool) {
	if len(w) == 2 && w[0] == '-' && strings.IndexByte("ACDFINPRXZ", w[1]) >= 0 {
		return w[1], true
	}
	verb, ok := commands()[w]
	return verb, ok
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// command reads what is after a command: the chain, a place, a policy.
func (p *parser) command(verb byte) {
	if p.cmd.verb != 0 || p.not {
		p.unsupported()
		return
	}
	p.cmd.verb, p.cmd.Chain = verb, p.argument()
	switch {
	case p.cmd.Chain == "" && !strings.ContainsRune("FXZ", rune(verb)):
		p.unsupported()
	case verb == 'P':
		p.cmd.policy = p.argument()
	case strings.ContainsRune("IDR", rune(verb)) && len(p.words) > 0 && isNumber(p.words[0]):
		p.cmd.place, _ = strconv.Atoi(p.next())
		if p.cmd.place < 1 {
			p.unsupported()
		}
	}
}

// finish makes the rules, and finds what cannot be.
func (p *parser) finish() {
	c := &p.cmd
	_, known := tables()[c.Table]
	_, builtin := builtinChain(c.Table, c.Chain)
	hasRule := strings.ContainsRune("ACIR", rune(c.verb)) || c.verb == 'D' && c.place == 0
	switch {
	case !known || c.verb == 0 || len(c.Chain) > maxChain || strings.ContainsAny(c.Chain, " !") || strings.HasPrefix(c.Chain, "-"),
		!hasRule && !p.rule.empty(),
		c.verb == 'R' && c.place == 0,
		c.verb == 'P' && (!builtin || c.policy != "ACCEPT" && (c.policy != "DROP" || c.Table == "nat")),
		(c.verb == 'N' || c.verb == 'X') && builtin,
		isTarget(c.Chain):
		p.unsupported()
	case hasRule:
		c.rules = p.rule.build(p)
		if p.rule.target != "" && !isTarget(p.rule.target) {
			c.jumps = []string{p.rule.target}
		}
		if len(c.rules) > 1 && c.verb != 'A' {
			p.unsupported()
		}
	}
}

// maxChain is the longest name of a chain (XT_EXTENSION_MAXNAMELEN - 1).
const maxChain = 28

// hook is where a chain of the program is.
type hook struct {
	number   uint32
	kind     string
	priority int32
}

// tables are those of the program with their chains.
func tables() map[string]map[string]hook {
	const prerouting, input, forward, output, postrouting = 0, 1, 2, 3, 4
	filter := func(priority int32, chains map[string]uint32) map[string]hook {
		list := map[string]hook{}
		for name, n := range chains {
			list[name] = hook{n, "filter", priority}
		}
		return list
	}
	mangle := filter(-150, map[string]uint32{"PREROUTING": prerouting, "INPUT": input, "FORWARD": forward, "POSTROUTING": postrouting})
	mangle["OUTPUT"] = hook{output, "route", -150}
	return map[string]map[string]hook{
		"filter":   filter(0, map[string]uint32{"INPUT": input, "FORWARD": forward, "OUTPUT": output}),
		"raw":      filter(-300, map[string]uint32{"PREROUTING": prerouting, "OUTPUT": output}),
		"security": filter(50, map[string]uint32{"INPUT": input, "FORWARD": forward, "OUTPUT": output}),
		"mangle":   mangle,
		"nat": {"PREROUTING": {prerouting, "nat", -100}, "INPUT": {input, "nat", 100}, "OUTPUT": {output, "nat", -100},
			"POSTROUTING": {postrouting, "nat", 100}},
	}
}

func builtinChain(table, chain string) (hook, bool) {
	h, ok := tables()[table][chain]
	return h, ok
}

// What cannot be done.
var (
	errNoChain = errors.New("no chain, target or match of that name")
	errNoRule  = errors.New("there is no such rule in the chain")
	errNoPlace = errors.New("the chain has fewer rules")
	errExists  = errors.New("the chain exists already")
)

func errBusy(chain string) error {
	return fmt.Errorf("chain %s is in use: it has rules, or a rule leads to it", chain)
}

// Checks reports whether a command asks only whether a rule is there.
func (c Command) Checks() bool { return c.verb == 'C' }

// oneOf reports whether a word is in a list.
func oneOf(w string, list ...string) bool { return slices.Contains(list, w) }
