package nftables

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"nsl/runtime/nfmsg"
)

// lookup holds that a set is there, and that it has the type of what is looked up in it.
func (t *table) lookup(use lookup) {
	at := t.at(nfmsg.NewSet, use.name)
	t.refuse(at < 0, errNoSet)
	s := setOf(t.messages[at].Body)
	need(s != nil && s.key.id == use.typ.id && s.value == nil && (s.flags&setMap != 0) == use.maps)
}

// ownSets are the names of those that belong to a rule.
func (t *table) ownSets() (names []string) {
	for _, m := range t.messages {
		if name := nameOf(m); m.Kind == nfmsg.NewSet && (strings.HasPrefix(name, "__set") || strings.HasPrefix(name, "__map")) {
			names = append(names, name)
		}
	}
	return names
}

// ownSet gives the set of a rule the first name that is free, and adds it.
func (t *table) ownSet(s *set, r *rule) {
	kind, _, _ := strings.Cut(s.name, "%")
	free := func(n int) string { return fmt.Sprint(kind, n) }
	n := 0
	for t.at(nfmsg.NewSet, free(n)) >= 0 {
		n++
	}
	r.exprs = nfmsg.Renamed(r.exprs, s.name, free(n))
	s.name = free(n)
	t.addSet(s)
}

// addSet adds a set with its elements.
func (t *table) addSet(s *set) {
	t.add(nfmsg.NewSet, s.message(t.head(), t.table))
	t.add(nfmsg.NewElements, t.elements(s))
	t.number()
}

func (t *table) elements(s *set) []byte {
	list, _ := s.list()
	return t.head().Text(1, t.table).Text(2, s.name).Put(3, list)
}

// number gives each set a number in its table, by which its elements and rules find it.
func (t *table) number() {
	n := uint32(0)
	for i, m := range t.messages {
		typ := map[uint32]int{nfmsg.NewSet: 10, nfmsg.NewElements: 4}[m.Kind]
		if typ == 0 {
			continue
		}
		if m.Kind == nfmsg.NewSet {
			n++
		}
		body := nfmsg.Without(m.Body, typ)
		t.messages[i].Body = body.Put(typ, binary.BigEndian.AppendUint32(nil, n))
	}
}

// editSet does a command on a set, a map or its elements.
func (t *table) editSet() {
	at := t.at(nfmsg.NewSet, t.name)
	switch t.verb + " " + t.object {
	case "add set", "create set", "add map", "create map":
		need(at < 0) // there are questions whether it is the same
		t.checkedSet()
		return
	}
	t.refuse(at < 0, errNoSet)
	s := setOf(t.messages[at].Body)
	need(s != nil)
	switch t.verb {
	case "delete":
		if t.object != "element" {
			t.deleteSet()
			return
		}
		t.replace(s, t.without(s))
	case "flush":
		t.replace(s, nil)
	default:
		t.replace(s, append(t.there(s), t.read(s)...))
	}
}

func (t *table) checkedSet() {
	s := t.Command.set()
	for _, chain := range s.jumps {
		t.refuse(t.at(nfmsg.NewChain, chain) < 0, errNoChain)
	}
	t.addSet(s)
}

func (t *table) deleteSet() {
	t.refuse(slices.ContainsFunc(t.messages, func(m nfmsg.Message) bool { return m.Kind == nfmsg.NewRule && nfmsg.LooksUp(m, t.name) }), errBusy)
	t.remove(nfmsg.NewSet, t.name)
	t.remove(nfmsg.NewElements, t.name)
	t.number()
}

// read are the elements of the command.
func (t *table) read(s *set) []element {
	r := &reader{slices.Clone(t.spec)}
	in := &set{flags: s.flags, key: s.key, value: s.value}
	in.read(r.block())
	need(r.empty())
	for _, chain := range in.jumps {
		t.refuse(t.at(nfmsg.NewChain, chain) < 0, errNoChain)
	}
	return in.elements
}

// there are the elements of a set that is there: for intervals they are left to the program.
func (t *table) there(s *set) (list []element) {
	for _, m := range t.messages {
		if m.Kind != nfmsg.NewElements || nameOf(m) != s.name {
			continue
		}
		nfmsg.Each(nfmsg.Get(m.Body[nfmsg.BodyAt:], 3), func(_ int, e []byte) {
			need(s.flags&setInterval == 0)
			key := nfmsg.Get(nfmsg.Get(e, 1), nfmsg.DataValue)
			list = append(list, element{from: key, to: key, data: nfmsg.Get(e, 2)})
		})
	}
	return list
}

// without are the elements that are left without those of the command.
func (t *table) without(s *set) []element {
	left := t.there(s)
	for _, e := range t.read(s) {
		i := slices.IndexFunc(left, func(l element) bool { return bytes.Equal(l.from, e.from) })
		t.refuse(i < 0, errNoEntry)
		left = slices.Delete(left, i, i+1)
	}
	return left
}

// replace gives a set other elements; one that is there twice counts once.
func (t *table) replace(s *set, list []element) {
	s.elements = nil
	for _, e := range list {
		if !slices.ContainsFunc(s.elements, func(o element) bool { return bytes.Equal(o.from, e.from) }) {
			s.elements = append(s.elements, e)
		}
	}
	s.sort()
	t.remove(nfmsg.NewElements, s.name)
	at := t.at(nfmsg.NewSet, s.name)
	t.messages = slices.Insert(t.messages, at+1, nfmsg.Message{Kind: nfmsg.NewElements, Body: t.elements(s)})
	t.number()
}
