package nftables

import (
	"bytes"
	"fmt"
	"slices"

	"nsl/runtime/nfmsg"
)

// anonymous compares a field with a set of the rule itself. One of a single value is that
// value.
func (r *rule) anonymous(f *field, op uint32) {
	s := &set{flags: setAnonymous | setConstant, key: f.typ, typeof: f.typeof, order: f.order}
	s.read(r.block())
	need(len(s.elements) > 0)
	if len(s.elements) == 1 {
		need(bytes.Equal(s.elements[0].from, s.elements[0].to) && !f.typ.bits)
		r.equal(f, compareOp(op), s.elements[0].from)
		return
	}
	need(f.typ.id != ifname().id || !slices.ContainsFunc(s.elements, func(e element) bool { return bytes.ContainsRune(e.from, '*') }))
	r.lookup(f, r.own(s, "__set"), op)
}

// own adds a set of the rule itself, and returns a name for it until it has its own.
func (r *rule) own(s *set, kind string) string {
	s.name = fmt.Sprintf("%s%%%d", kind, len(r.sets))
	r.sets = append(r.sets, s)
	return s.name
}

// lookup looks a field up in a set.
func (r *rule) lookup(f *field, name string, op uint32) {
	flags := uint32(0)
	if op == nfmsg.NotEqual {
		flags = 1
	}
	r.exprs = r.load(f).Add("lookup", nfmsg.Attrs{}.Text(1, name).Number(2, 1).Number(5, flags))
}

// vmap looks a verdict up in a map, of the rule itself or with a name.
func (r *rule) vmap(f *field) {
	var name string
	if w := r.peek(); len(w) > 1 && w[0] == '@' {
		name = r.next()[1:]
		r.named = append(r.named, lookup{name, f.typ, true})
	} else {
		s := &set{flags: setAnonymous | setConstant | setMap, key: f.typ, order: f.order}
		s.read(r.block())
		need(len(s.elements) > 0)
		r.jumps = append(r.jumps, s.jumps...)
		name = r.own(s, "__map")
	}
	r.exprs = r.load(f).Add("lookup", nfmsg.Attrs{}.Text(1, name).Number(2, 1).Number(3, 0).Number(5, 0))
}
