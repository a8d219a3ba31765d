package ruleset

import (
	"bytes"
	"encoding/binary"

	"nsl/runtime/plan"
)

func number(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b)
}

// member looks a value up in a set or map.
func (m *machine) member(e plan.Member) (truth, *act) {
	set, ok := m.table.Sets[e.Set]
	if !ok {
		return maybe, nil
	}
	size := 0
	for _, el := range set.Elements {
		size = max(size, len(el.Key))
	}
	key := m.part(e.Src, size)
	if size > 0 && !key.all() {
		return unknownMember(set, e)
	}
	el, found := find(set, key.bytes)
	if e.Not {
		return isTrue(!found), nil
	}
	switch {
	case !found:
		return no, nil
	case el.Verdict != nil:
		return yes, &act{kind: el.Verdict.Kind, chain: el.Verdict.Chain}
	case e.Maps:
		return m.load(e.Dst, known(el.Data), true), nil
	}
	return yes, nil
}

// unknownMember is for a value that is not known: it may be any element.
func unknownMember(set plan.FilterSet, e plan.Member) (truth, *act) {
	if !e.Maps {
		return maybe, nil
	}
	for _, el := range set.Elements {
		if el.Verdict != nil && el.Verdict.Kind == "drop" {
			return maybe, &act{kind: "drop"}
		}
	}
	return maybe, nil
}

// find is the element that has a key.
func find(set plan.FilterSet, key []byte) (plan.SetElement, bool) {
	var best, rest plan.SetElement
	found, fallback := false, false
	for _, el := range set.Elements {
		switch {
		case el.Any:
			rest, fallback = el, true
		case el.End != nil:
			if within(set, key, el) {
				return el, true
			}
		case !set.Intervals && bytes.Equal(el.Key, key):
			return el, true
		case set.Intervals && bytes.Compare(el.Key, key) <= 0:
			// The nearest one below decides; at one key a beginning comes after an end.
			if c := bytes.Compare(el.Key, best.Key); !found || c > 0 || c == 0 && best.Gap {
				best, found = el, true
			}
		}
	}
	if found && !best.Gap {
		return best, true
	}
	return rest, fallback
}

// within reports whether a key is in a range, field by field of a concatenation; each
// begins at four bytes.
func within(set plan.FilterSet, key []byte, el plan.SetElement) bool {
	fields := set.Fields
	if len(fields) == 0 {
		fields = []int{len(key)}
	}
	at := 0
	for _, n := range fields {
		if at+n > len(key) || at+n > len(el.Key) || at+n > len(el.End) {
			return false
		}
		k := key[at : at+n]
		if bytes.Compare(k, el.Key[at:at+n]) < 0 || bytes.Compare(k, el.End[at:at+n]) > 0 {
			return false
		}
		at += (n + 3) &^ 3
	}
	return true
}
