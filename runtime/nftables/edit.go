package nftables

import (
	"bytes"
	"slices"

	"nsl/runtime/nfmsg"
	"nsl/runtime/plan"
)

// Change is a table before and after a command; an Item without a kind is none.
type Change struct{ Was, Is plan.Item }

// Edit does the command on the tables of a node, as the kernel describes them. There may be
// nothing to change. The error says what cannot be done.
func (c Command) Edit(tables []plan.Item) (list []Change, err error) {
	defer catch(&err)
	tables = slices.DeleteFunc(slices.Clone(tables), func(i plan.Item) bool { return i.Kind != plan.TableItem })
	if c.object == "ruleset" {
		for _, t := range tables {
			need(t.Key != string([]byte{inet})+plan.NftTable)
			if c.family == 0 || c.family == t.Key[0] {
				list = append(list, Change{Was: t})
			}
		}
		return list, nil
	}
	key := string([]byte{c.family}) + c.table
	was := plan.Item{}
	if i := slices.IndexFunc(tables, func(t plan.Item) bool { return t.Key == key }); i >= 0 {
		was = tables[i]
	}
	t := &table{Command: c, messages: nfmsg.Split(was.Data)}
	gone := t.edit()
	data := nfmsg.Join(t.messages)
	switch {
	case gone:
		return []Change{{Was: was}}, nil
	case data == was.Data:
		return nil, nil
	}
	is := plan.Item{Kind: plan.TableItem, Key: key, Sum: data, Data: data, Text: "table " + familyName(c.family) + " " + c.table}
	return []Change{{Was: was, Is: is}}, nil
}

// Apply are the tables after the command.
func (c Command) Apply(tables []plan.Item) ([]plan.Item, error) {
	list, err := c.Edit(tables)
	out := slices.Clone(tables)
	for _, change := range list {
		out = slices.DeleteFunc(out, func(i plan.Item) bool { return i.Kind == plan.TableItem && i.Key == change.Was.Key })
		if change.Is.Kind != "" {
			out = append(out, change.Is)
		}
	}
	return out, err
}

// table is a table that a command edits.
type table struct {
	Command
	messages []nfmsg.Message
}

func (t *table) head() nfmsg.Attrs { return nfmsg.Attrs{t.family, 0, 0, 0} }

// edit does the command; it reports a table that is gone.
func (t *table) edit() (gone bool) {
	switch t.verb + " " + t.object {
	case "add table", "create table":
		t.refuse(t.verb == "create" && len(t.messages) > 0, errExists)
		if len(t.messages) == 0 {
			t.messages = []nfmsg.Message{{Kind: nfmsg.NewTable, Body: t.head().Text(nfmsg.TableName, t.table).Number(nfmsg.TableFlags, 0)}}
		}
		return false
	}
	t.refuse(len(t.messages) == 0, errNoTable)
	switch t.verb + " " + t.object {
	case "delete table":
		return true
	case "flush table":
		t.removeRules("")
	case "add chain", "create chain":
		t.addChain()
	case "delete chain":
		t.refuse(t.at(nfmsg.NewChain, t.name) < 0, errNoChain)
		t.refuse(t.used(t.name), errBusy)
		t.remove(nfmsg.NewChain, t.name)
	case "flush chain":
		t.refuse(t.at(nfmsg.NewChain, t.name) < 0, errNoChain)
		t.removeRules(t.name)
	case "add rule", "insert rule":
		t.addRule()
	default:
		t.editSet()
	}
	return false
}

func (t *table) refuse(holds bool, err error) {
	if holds {
		fail(err)
	}
}

// nameOf is the name of a chain or a set, or the chain of a rule.
func nameOf(m nfmsg.Message) string {
	if m.Kind == nfmsg.NewChain {
		return nfmsg.NameOf(m)
	}
	return nfmsg.CString(m.Attr(setName))
}

// setName is the name of a set, and the set of elements; a rule has its chain there
// (NFTA_SET_NAME, NFTA_SET_ELEM_LIST_SET, NFTA_RULE_CHAIN).
const setName = nfmsg.RuleChain

// at is the place of a message of a kind with a name; -1 for none.
func (t *table) at(kind uint32, name string) int {
	return slices.IndexFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == kind && nameOf(m) == name })
}

func (t *table) remove(kind uint32, name string) {
	t.messages = slices.DeleteFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == kind && nameOf(m) == name })
}

// add adds a message after those of kinds that come before it: the order is that of the
// kernel's description.
func (t *table) add(kind uint32, body []byte) {
	order := []uint32{nfmsg.NewTable, nfmsg.NewChain, nfmsg.NewObject, nfmsg.NewFlowTable, nfmsg.NewSet, nfmsg.NewElements, nfmsg.NewRule}
	rank := func(k uint32) int {
		if k == nfmsg.NewElements {
			k = nfmsg.NewSet
		}
		return slices.Index(order, k)
	}
	at := 0
	for i, m := range t.messages {
		if rank(m.Kind) <= rank(kind) {
			at = i + 1
		}
	}
	t.messages = slices.Insert(t.messages, at, nfmsg.Message{Kind: kind, Body: body})
}

// used reports a chain that has rules, or that a rule or an element leads to.
func (t *table) used(chain string) bool {
	return slices.ContainsFunc(t.messages, func(m nfmsg.Message) bool {
		switch m.Kind {
		case nfmsg.NewRule:
			return nameOf(m) == chain || nfmsg.JumpsTo(m, chain)
		case nfmsg.NewElements:
			return bytes.Contains(m.Body, append([]byte(chain), 0)) // it may be by chance
		}
		return false
	})
}

// addChain makes a chain if it is not there.
func (t *table) addChain() {
	if t.at(nfmsg.NewChain, t.name) >= 0 {
		t.refuse(t.verb == "create", errExists)
		need(len(t.spec) == 0) // it may change the policy
		return
	}
	m := t.head().Text(nfmsg.ChainTable, t.table).Text(nfmsg.ChainName, t.name)
	if len(t.spec) > 0 {
		h := t.hook()
		m = m.Put(nfmsg.ChainHook, nfmsg.Attrs{}.Number(nfmsg.HookNumber, h.number).Number(nfmsg.HookPriority, uint32(h.priority))).
			Number(nfmsg.ChainPolicy, h.policy).Text(nfmsg.ChainType, h.kind).Number(nfmsg.ChainFlags, 1)
	}
	t.add(nfmsg.NewChain, m)
}

// removeRules removes the rules of a chain, or all, with their own sets.
func (t *table) removeRules(chain string) {
	t.messages = slices.DeleteFunc(t.messages, func(m nfmsg.Message) bool {
		return m.Kind == nfmsg.NewRule && (chain == "" || nameOf(m) == chain)
	})
	for _, name := range t.ownSets() {
		if !slices.ContainsFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == nfmsg.NewRule && nfmsg.LooksUp(m, name) }) {
			t.remove(nfmsg.NewSet, name)
			t.remove(nfmsg.NewElements, name)
		}
	}
	t.number()
}

// addRule adds a rule at the end of its chain, or at its beginning, with its own sets.
func (t *table) addRule() {
	t.refuse(t.at(nfmsg.NewChain, t.name) < 0, errNoChain)
	r := t.Command.rule()
	for _, chain := range r.jumps {
		t.refuse(t.at(nfmsg.NewChain, chain) < 0, errNoChain)
	}
	for _, use := range r.named {
		t.lookup(use)
	}
	for _, s := range r.sets {
		t.ownSet(s, r)
	}
	m := t.head().Text(nfmsg.RuleTable, t.table).Text(nfmsg.RuleChain, t.name).Put(nfmsg.RuleExprs, r.exprs)
	if r.comment != "" {
		m = m.Put(nfmsg.RuleUserData, udata(0, append([]byte(r.comment), 0)))
	}
	if first := t.at(nfmsg.NewRule, t.name); t.verb == "insert" && first >= 0 {
		t.messages = slices.Insert(t.messages, first, nfmsg.Message{Kind: nfmsg.NewRule, Body: m})
		return
	}
	t.messages = append(t.messages, nfmsg.Message{Kind: nfmsg.NewRule, Body: m})
}
