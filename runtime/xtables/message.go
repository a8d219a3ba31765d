package xtables

import (
	"bytes"
	"encoding/binary"
)

// message is one of those that make a table: a kind, and a body after the header of four
// bytes, of which the first is the family.
type message struct {
	kind uint32
	body []byte
}

const bodyAt = 4

// split are the messages of a description: each is its kind, its length and its body.
func split(data string) (list []message) {
	for b := []byte(data); len(b) >= 8; {
		kind, size := binary.NativeEndian.Uint32(b), int(binary.NativeEndian.Uint32(b[4:]))
		if len(b) < 8+size || size < bodyAt {
			return list
		}
		list = append(list, message{kind, b[8 : 8+size]})
		b = b[8+size:]
	}
	return list
}

func join(list []message) string {
	var out bytes.Buffer
	for _, m := range list {
		out.Write(binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, m.kind), uint32(len(m.body))))
		out.Write(m.body)
	}
	return out.String()
}

// drops reports a base chain with policy DROP.
func drops(m message) bool {
	policy := get(m.body[bodyAt:], chainPolicy)
	return len(policy) == 4 && binary.BigEndian.Uint32(policy) == drop
}

// nameOf is the name of a chain, ruleOf the chain of a rule.
func nameOf(m message) string { return cstring(get(m.body[bodyAt:], chainName)) }

func ruleOf(m message) string { return cstring(get(m.body[bodyAt:], ruleChain)) }

func jumpsTo(m message, chain string) (found bool) {
	each(get(m.body[bodyAt:], ruleExprs), func(_ int, e []byte) {
		verdict := get(get(get(e, exprData), 2), dataVerdict)
		if cstring(get(e, exprName)) == "immediate" && verdict != nil && cstring(get(verdict, verdictChain)) == chain {
			found = true
		}
	})
	return found
}

// uncounted is a rule whose counters are zero.
func uncounted(body []byte) []byte {
	body = bytes.Clone(body)
	each(get(body[bodyAt:], ruleExprs), func(_ int, e []byte) {
		if cstring(get(e, exprName)) == "counter" {
			each(get(e, exprData), func(_ int, v []byte) { clear(v) })
		}
	})
	return body
}

func (t *table) message(e exprs) message {
	return message{msgRule, t.head().text(ruleTable, t.command.Table).text(ruleChain, t.command.Chain).put(ruleExprs, e)}
}
