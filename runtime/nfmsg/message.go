// Package nfmsg has the messages of netlink that describe a table of nftables, as they are in
// the data of a [plan.TableItem]: it takes them apart and makes them.
package nfmsg

import (
	"bytes"
	"encoding/binary"
)

// Message is one of those that make a table: a kind, and a body after the header of four
// bytes, of which the first is the family.
type Message struct {
	Kind uint32
	Body []byte
}

// BodyAt is where the attributes of a body begin.
const BodyAt = 4

// Split are the messages of a description: each is its kind, its length and its body.
func Split(data string) (list []Message) {
	for b := []byte(data); len(b) >= 8; {
		kind, size := binary.NativeEndian.Uint32(b), int(binary.NativeEndian.Uint32(b[4:]))
		if len(b) < 8+size || size < BodyAt {
			return list
		}
		list = append(list, Message{kind, b[8 : 8+size]})
		b = b[8+size:]
	}
	return list
}

// Join is the opposite of [Split].
func Join(list []Message) string {
	var out bytes.Buffer
	for _, m := range list {
		out.Write(binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, m.Kind), uint32(len(m.Body))))
		out.Write(m.Body)
	}
	return out.String()
}

// Attr is the value of an attribute of the message, or nil.
func (m Message) Attr(typ int) []byte { return Get(m.Body[BodyAt:], typ) }

// Drops reports a base chain with policy DROP.
func Drops(m Message) bool {
	policy := m.Attr(ChainPolicy)
	return len(policy) == 4 && binary.BigEndian.Uint32(policy) == Drop
}

// NameOf is the name of a chain.
func NameOf(m Message) string { return CString(m.Attr(ChainName)) }

// ChainOf is the name of the chain that a rule is in.
func ChainOf(m Message) string { return CString(m.Attr(RuleChain)) }

// JumpsTo reports a rule that leads to a chain.
func JumpsTo(m Message, chain string) (found bool) {
	Each(m.Attr(RuleExprs), func(_ int, e []byte) {
		verdict := Get(Get(Get(e, ExprData), 2), DataVerdict)
		if CString(Get(e, ExprName)) == "immediate" && verdict != nil && CString(Get(verdict, VerdictChain)) == chain {
			found = true
		}
	})
	return found
}

// LooksUp reports a rule that looks something up in a set.
func LooksUp(m Message, set string) (found bool) {
	Each(m.Attr(RuleExprs), func(_ int, e []byte) {
		if CString(Get(e, ExprName)) == "lookup" && CString(Get(Get(e, ExprData), 1)) == set {
			found = true
		}
	})
	return found
}

// Uncounted is the body of a rule whose counters are zero.
func Uncounted(body []byte) []byte {
	body = bytes.Clone(body)
	Each(Get(body[BodyAt:], RuleExprs), func(_ int, e []byte) {
		if CString(Get(e, ExprName)) == "counter" {
			Each(Get(e, ExprData), func(_ int, v []byte) { clear(v) })
		}
	})
	return body
}
