package xtables

import (
	"bytes"
	"slices"

	"nsl/runtime/nfmsg"
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
	t := &table{command: c, messages: nfmsg.Split(was.Data)}
	if err := t.edit(); err != nil {
		return was, was, err
	}
	data := nfmsg.Join(t.messages)
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
	messages []nfmsg.Message
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
		if slices.ContainsFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == nfmsg.NewRule }) {
			return t.removeUserChains()
		}
		t.messages = slices.DeleteFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == nfmsg.NewChain && !nfmsg.Drops(m) })
	}
	return nil
}

// removeUserChains removes those without rules; those that have some, or are jumped to, are
// an error.
func (t *table) removeUserChains() error {
	for _, m := range slices.Clone(t.messages) {
		name := nfmsg.NameOf(m)
		if m.Kind != nfmsg.NewChain || nfmsg.Drops(m) {
			continue
		}
		if nfmsg.Get(m.Body[nfmsg.BodyAt:], nfmsg.ChainHook) == nil {
			if t.used(name) {
				return errBusy(name)
			}
		} else if t.used(name) {
			continue
		}
		t.messages = slices.DeleteFunc(t.messages, func(o nfmsg.Message) bool {
			return o.Kind == nfmsg.NewChain && nfmsg.NameOf(o) == name
		})
	}
	return nil
}

// used reports a chain that has rules, or is jumped to.
func (t *table) used(chain string) bool {
	return slices.ContainsFunc(t.messages, func(m nfmsg.Message) bool {
		if m.Kind != nfmsg.NewRule {
			return false
		}
		return nfmsg.ChainOf(m) == chain || nfmsg.JumpsTo(m, chain)
	})
}

// has reports whether a chain is there.
func (t *table) has(chain string) bool { return t.chain(chain) >= 0 }

func (t *table) chain(name string) int {
	return slices.IndexFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == nfmsg.NewChain && nfmsg.NameOf(m) == name })
}

// head is the header of a message.
func (t *table) head() nfmsg.Attrs { return nfmsg.Attrs{t.command.family(), 0, 0, 0} }

// begin makes the table if it is not there.
func (t *table) begin() {
	if len(t.messages) == 0 {
		t.messages = []nfmsg.Message{{Kind: nfmsg.NewTable, Body: t.head().Text(nfmsg.TableName, t.command.Table).Number(nfmsg.TableFlags, 0)}}
	}
}

// addChain adds a chain after those that are there.
func (t *table) addChain(body []byte) {
	t.begin()
	at := 1
	for i, m := range t.messages {
		if m.Kind == nfmsg.NewChain {
			at = i + 1
		}
	}
	t.messages = slices.Insert(t.messages, at, nfmsg.Message{Kind: nfmsg.NewChain, Body: body})
}

// base makes a chain of the program if it is not there.
func (t *table) base() {
	c := t.command
	if t.has(c.Chain) {
		return
	}
	h, _ := builtinChain(c.Table, c.Chain)
	t.addChain(t.head().Text(nfmsg.ChainTable, c.Table).Text(nfmsg.ChainName, c.Chain).
		Put(nfmsg.ChainHook, nfmsg.Attrs(nil).Number(nfmsg.HookNumber, h.number).Number(nfmsg.HookPriority, uint32(h.priority))).
		Number(nfmsg.ChainPolicy, nfmsg.Accept).Text(nfmsg.ChainType, h.kind).Number(nfmsg.ChainFlags, 1))
}

func (t *table) newChain() error {
	if t.has(t.command.Chain) {
		return errExists
	}
	t.addChain(t.head().Text(nfmsg.ChainTable, t.command.Table).Text(nfmsg.ChainName, t.command.Chain))
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
	t.messages = slices.DeleteFunc(t.messages, func(m nfmsg.Message) bool {
		return m.Kind == nfmsg.NewRule && (chain == "" || nfmsg.ChainOf(m) == chain)
	})
}

// policy sets what happens to what no rule decides about.
func (t *table) policy() {
	i := t.chain(t.command.Chain)
	body := append(nfmsg.Attrs(nil), t.messages[i].Body[:nfmsg.BodyAt]...)
	counted := nfmsg.Get(t.messages[i].Body[nfmsg.BodyAt:], nfmsg.ChainCounter)
	if counted == nil {
		counted = nfmsg.Attrs(nil).Long(2, 0).Long(1, 0)
	}
	value := uint32(nfmsg.Accept)
	if t.command.policy == "DROP" {
		value = nfmsg.Drop
	}
	nfmsg.Each(t.messages[i].Body[nfmsg.BodyAt:], func(typ int, v []byte) {
		switch typ {
		case nfmsg.ChainPolicy:
			body = body.Number(typ, value)
		case nfmsg.ChainType:
			body = body.Put(typ, v).Put(nfmsg.ChainCounter, counted)
		case nfmsg.ChainCounter:
		default:
			body = body.Put(typ, v)
		}
	})
	t.messages[i].Body = body
}

// zero sets the counters of rules to zero.
func (t *table) zero(chain string) {
	for i, m := range t.messages {
		if m.Kind == nfmsg.NewRule && (chain == "" || nfmsg.ChainOf(m) == chain) {
			t.messages[i].Body = nfmsg.Uncounted(m.Body)
		}
	}
}

// rules are the places of a chain's rules among the messages.
func (t *table) rules(chain string) (at []int) {
	for i, m := range t.messages {
		if m.Kind == nfmsg.NewRule && nfmsg.ChainOf(m) == chain {
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
	want := t.message(t.command.rules[0]).Body
	for _, i := range there {
		if bytes.Equal(nfmsg.Uncounted(t.messages[i].Body), want) {
			return i
		}
	}
	return -1
}
