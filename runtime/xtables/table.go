package xtables

import (
	"bytes"
	"slices"

	"nsl/runtime/plan"
)

// Families of tables (NFPROTO_*, <linux/netfilter.h>).
const ipv4, ipv6 = 2, 10

// Edit does the command on the tables of a node, as the kernel describes them: it is the
// table before and after, which are equal where nothing changes. The error says what
// cannot be done.
func (c Command) Edit(tables []plan.Item) (was, is plan.Item, err error) {
	key := string([]byte{c.family()}) + c.Table
	for _, t := range tables {
		if t.Kind == plan.TableItem && t.Key == key {
			was = t
		}
	}
	t := &table{command: c, messages: split(was.Data)}
	if err := t.edit(); err != nil {
		return was, was, err
	}
	data := join(t.messages)
	if data == was.Data {
		return was, was, nil
	}
	name := map[bool]string{true: "ip6 ", false: "ip "}[c.Six] + c.Table
	return was, plan.Item{Kind: plan.TableItem, Key: key, Sum: data, Data: data, Text: "table " + name}, nil
}

func (c Command) family() byte {
	if c.Six {
		return ipv6
	}
	return ipv4
}

// table is a table that a command edits.
type table struct {
	command  Command
	messages []message
}

func (t *table) edit() error {
	c := t.command
	if c.Chain == "" {
		return t.editAll()
	}
	if c.verb == 'N' {
		return t.newChain()
	}
	for _, name := range c.jumps {
		if !t.has(name) {
			return errNoChain
		}
	}
	if _, builtin := builtinChain(c.Table, c.Chain); builtin {
		t.base()
	} else if !t.has(c.Chain) {
		return errNoChain
	}
	switch c.verb {
	case 'F':
		t.removeRules(c.Chain)
		return nil
	case 'X':
		return t.removeChain()
	case 'P':
		t.policy()
		return nil
	case 'Z':
		t.zero(c.Chain)
		return nil
	}
	return t.editRules()
}

// editAll does a command on all chains: -F, -X or -Z.
func (t *table) editAll() error {
	switch t.command.verb {
	case 'F':
		t.removeRules("")
	case 'Z':
		t.zero("")
	case 'X':
		if slices.ContainsFunc(t.messages, func(m message) bool { return m.kind == msgRule }) {
			return t.removeUserChains()
		}
		t.messages = slices.DeleteFunc(t.messages, func(m message) bool { return m.kind == msgChain && !drops(m) })
	}
	return nil
}

// removeUserChains removes those without rules; those that have some, or are jumped to, are
// an error.
func (t *table) removeUserChains() error {
	for _, m := range slices.Clone(t.messages) {
		name := nameOf(m)
		if m.kind != msgChain || drops(m) {
			continue
		}
		if get(m.body[bodyAt:], chainHook) == nil {
			if t.used(name) {
				return errBusy(name)
			}
		} else if t.used(name) {
			continue
		}
		t.messages = slices.DeleteFunc(t.messages, func(o message) bool {
			return o.kind == msgChain && nameOf(o) == name
		})
	}
	return nil
}

// used reports a chain that has rules, or is jumped to.
func (t *table) used(chain string) bool {
	return slices.ContainsFunc(t.messages, func(m message) bool {
		if m.kind != msgRule {
			return false
		}
		return ruleOf(m) == chain || jumpsTo(m, chain)
	})
}

// has reports whether a chain is there.
func (t *table) has(chain string) bool { return t.chain(chain) >= 0 }

func (t *table) chain(name string) int {
	return slices.IndexFunc(t.messages, func(m message) bool { return m.kind == msgChain && nameOf(m) == name })
}

// head is the header of a message.
func (t *table) head() attrs { return attrs{t.command.family(), 0, 0, 0} }

// begin makes the table if it is not there.
func (t *table) begin() {
	if len(t.messages) == 0 {
		t.messages = []message{{msgTable, t.head().text(tableName, t.command.Table).number(tableFlags, 0)}}
	}
}

// addChain adds a chain after those that are there.
func (t *table) addChain(body []byte) {
	t.begin()
	at := 1
	for i, m := range t.messages {
		if m.kind == msgChain {
			at = i + 1
		}
	}
	t.messages = slices.Insert(t.messages, at, message{msgChain, body})
}

// base makes a chain of the program if it is not there.
func (t *table) base() {
	c := t.command
	if t.has(c.Chain) {
		return
	}
	h, _ := builtinChain(c.Table, c.Chain)
	t.addChain(t.head().text(chainTable, c.Table).text(chainName, c.Chain).
		put(chainHook, attrs(nil).number(hookNumber, h.number).number(hookPriority, uint32(h.priority))).
		number(chainPolicy, accept).text(chainType, h.kind).number(chainFlags, 1))
}

func (t *table) newChain() error {
	if t.has(t.command.Chain) {
		return errExists
	}
	t.addChain(t.head().text(chainTable, t.command.Table).text(chainName, t.command.Chain))
	return nil
}

func (t *table) removeChain() error {
	if t.used(t.command.Chain) {
		return errBusy(t.command.Chain)
	}
	i := t.chain(t.command.Chain)
	t.messages = slices.Delete(t.messages, i, i+1)
	return nil
}

func (t *table) removeRules(chain string) {
	t.messages = slices.DeleteFunc(t.messages, func(m message) bool { return m.kind == msgRule && (chain == "" || ruleOf(m) == chain) })
}

// policy sets what happens to what no rule decides about.
func (t *table) policy() {
	i := t.chain(t.command.Chain)
	body := append(attrs(nil), t.messages[i].body[:bodyAt]...)
	counted := get(t.messages[i].body[bodyAt:], chainCounter)
	if counted == nil {
		counted = attrs(nil).long(2, 0).long(1, 0)
	}
	value := uint32(accept)
	if t.command.policy == "DROP" {
		value = drop
	}
	each(t.messages[i].body[bodyAt:], func(typ int, v []byte) {
		switch typ {
		case chainPolicy:
			body = body.number(typ, value)
		case chainType:
			body = body.put(typ, v).put(chainCounter, counted)
		case chainCounter:
		default:
			body = body.put(typ, v)
		}
	})
	t.messages[i].body = body
}

// zero sets the counters of rules to zero.
func (t *table) zero(chain string) {
	for i, m := range t.messages {
		if m.kind == msgRule && (chain == "" || ruleOf(m) == chain) {
			t.messages[i].body = uncounted(m.body)
		}
	}
}

// rules are the places of a chain's rules among the messages.
func (t *table) rules(chain string) (at []int) {
	for i, m := range t.messages {
		if m.kind == msgRule && ruleOf(m) == chain {
			at = append(at, i)
		}
	}
	return at
}

// editRules does -A, -C, -D, -I or -R.
func (t *table) editRules() error {
	c := t.command
	there := t.rules(c.Chain)
	switch {
	case c.verb == 'A':
		for _, e := range c.rules {
			t.messages = append(t.messages, t.message(e))
		}
		return nil
	case c.verb == 'I':
		return t.insert(there)
	case c.verb == 'R' && c.place > len(there):
		return errNoPlace
	case c.verb == 'R':
		t.messages[there[c.place-1]] = t.message(c.rules[0])
		return nil
	case c.place > len(there):
		return errNoPlace
	}
	at := t.find(there)
	switch {
	case at < 0:
		return errNoRule
	case c.verb == 'D':
		t.messages = slices.Delete(t.messages, at, at+1)
	}
	return nil
}

func (t *table) insert(there []int) error {
	place := max(t.command.place, 1)
	switch {
	case place > len(there)+1:
		return errNoPlace
	case place == len(there)+1:
		t.messages = append(t.messages, t.message(t.command.rules[0]))
	default:
		t.messages = slices.Insert(t.messages, there[place-1], t.message(t.command.rules[0]))
	}
	return nil
}

// find is where the rule is that is to be deleted, or that is asked for; -1 for none.
func (t *table) find(there []int) int {
	if t.command.place > 0 {
		return there[t.command.place-1]
	}
	want := t.message(t.command.rules[0]).body
	for _, i := range there {
		if bytes.Equal(uncounted(t.messages[i].body), want) {
			return i
		}
	}
	return -1
}
