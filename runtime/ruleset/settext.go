package ruleset

import (
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// member writes a set: its elements where it has no name.
func (w *writer) member(e plan.Member) {
	var names []string
	for _, f := range w.loads {
		names = append(names, f.name)
	}
	f := field{name: strings.Join(names, " . "), kind: "hex"}
	if len(w.loads) == 1 {
		f = w.loads[0]
	}
	fields := w.loads
	w.loads = nil
	text := "@" + e.Set
	if strings.HasPrefix(e.Set, "__") {
		text = w.elements(w.table.Sets[e.Set], fields, e.Maps)
	}
	op := not(e.Not)
	if e.Maps {
		op = "vmap"
	}
	w.condition(f, op, text)
}

// maxElements is how many elements of a set are written.
const maxElements = 6

func (w *writer) elements(set plan.FilterSet, fields []field, maps bool) string {
	var words []string
	sorted := slices.Clone(set.Elements)
	slices.SortStableFunc(sorted, func(a, b plan.SetElement) int { return slices.Compare(a.Key, b.Key) })
	for i, el := range sorted {
		if el.Gap {
			continue
		}
		text := w.key(fields, el.Key)
		if set.Intervals && i+1 < len(sorted) && sorted[i+1].Gap {
			text = w.interval(fields, el.Key, sorted[i+1].Key)
		}
		if maps && el.Verdict != nil {
			text += " : " + verdictWords(*el.Verdict)
		}
		words = append(words, text)
	}
	if len(words) > maxElements {
		words = append(words[:maxElements], "...")
	}
	return "{ " + strings.Join(words, ", ") + " }"
}

// interval is from one key to the one before another.
func (w *writer) interval(fields []field, from, to []byte) string {
	last := slices.Clone(to)
	for i := len(last) - 1; i >= 0; i-- {
		last[i]--
		if last[i] != 0xFF {
			break
		}
	}
	if slices.Equal(from, last) {
		return w.key(fields, from)
	}
	if len(fields) == 1 && fields[0].kind == "addr" {
		if p := prefixBetween(from, last); p != "" {
			return p
		}
	}
	return w.key(fields, from) + "-" + w.key(fields, last)
}

// key is a key of a set; of a concatenation each field begins at four bytes.
func (w *writer) key(fields []field, key []byte) string {
	if len(fields) == 1 {
		return w.value(fields[0], key)
	}
	var words []string
	for _, f := range fields {
		n := min(f.size(), len(key))
		words = append(words, w.value(f, key[:n]))
		key = key[min((n+3)&^3, len(key)):]
	}
	return strings.Join(words, " . ")
}

func (f field) size() int {
	switch f.kind {
	case "addr":
		if strings.HasPrefix(f.name, "ip6") {
			return 16
		}
		return 4
	case "port":
		return 2
	case "name":
		return 16
	case "proto":
		return 1
	}
	return 4
}
