package eval

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
)

// binary applies an operator other than and, or.
func binary(op string, a, b Value) (Value, error) {
	_, ua := a.(Unknown)
	_, ub := b.(Unknown)
	if ua || ub {
		return unknown(op, a, b)
	}
	switch op {
	case "==":
		return Bool(equal(a, b)), nil
	case "!=":
		return Bool(!equal(a, b)), nil
	case "<", "<=", ">", ">=":
		return order(op, a, b)
	case "in":
		return contains(a, b)
	}
	return arithmetic(op, a, b)
}

// equal compares two values; numbers by their number, a list item by item.
func equal(a, b Value) bool {
	if x, y, ok := lists(a, b); ok {
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	if c, ok := compareNumbers(a, b); ok {
		return c == 0
	}
	if c, err := compareOthers("==", a, b); err == nil {
		return c == 0
	}
	if text, ok := a.(Str); ok && a.Kind() != b.Kind() {
		return isText(b, text)
	}
	if text, ok := b.(Str); ok && a.Kind() != b.Kind() {
		return isText(a, text)
	}
	return a.Kind() == b.Kind() && a.String() == b.String()
}

// isText reports whether a value that is no text is what a text is as a word: what programs
// write is text.
func isText(v Value, text Str) bool {
	word := OfWord(string(text))
	return word.Kind() != text.Kind() && equal(v, word)
}

func lists(a, b Value) (x, y List, ok bool) {
	x, okX := a.(List)
	y, okY := b.(List)
	return x, y, okX && okY
}

// compareNumbers compares values that can be added; whole ones exactly, for a
// float64 tells apart those below 2^53 only.
func compareNumbers(a, b Value) (c int, ok bool) {
	if a.Kind() != b.Kind() {
		return 0, false
	}
	i, okI := whole(a)
	j, okJ := whole(b)
	if okI && okJ {
		return cmp.Compare(i, j), true
	}
	x, okX := number(a)
	y, okY := number(b)
	return cmp.Compare(x, y), okX && okY
}

func whole(v Value) (int64, bool) {
	switch v := v.(type) {
	case Int:
		return int64(v), true
	case Duration:
		return int64(v), true
	case Size:
		return int64(v), true
	}
	return 0, false
}

func number(v Value) (float64, bool) {
	switch v := v.(type) {
	case Int:
		return float64(v), true
	case Float:
		return float64(v), true
	case Duration:
		return float64(v), true
	case Rate:
		return float64(v), true
	case Size:
		return float64(v), true
	case Percent:
		return float64(v), true
	}
	return 0, false
}

func order(op string, a, b Value) (Value, error) {
	c, ok := compareNumbers(a, b)
	if !ok {
		var err error
		if c, err = compareOthers(op, a, b); err != nil {
			return nil, err
		}
	}
	switch op {
	case "<":
		return Bool(c < 0), nil
	case "<=":
		return Bool(c <= 0), nil
	case ">":
		return Bool(c > 0), nil
	}
	return Bool(c >= 0), nil
}

func compareOthers(op string, a, b Value) (int, error) {
	switch x := a.(type) {
	case Addr:
		if y, ok := b.(Addr); ok {
			// ::ffff:10.0.0.1 is 10.0.0.1 (RFC 4291, section 2.5.5.2).
			return netip.Addr(x).Unmap().Compare(netip.Addr(y).Unmap()), nil
		}
	case Str:
		if y, ok := b.(Str); ok {
			return strings.Compare(string(x), string(y)), nil
		}
	}
	return 0, mismatch(op, a, b)
}

func mismatch(op string, a, b Value) error {
	text := fmt.Sprintf("%s does not go between %s and %s", op, described(a), described(b))
	if mayBeNumber(a) || mayBeNumber(b) {
		return kindError{text: text, help: "number(…) makes a number of text: number($out)"}
	}
	return kindError{text: text}
}

// mayBeNumber reports a text that is a number as a word, or of which only a run can tell.
func mayBeNumber(v Value) bool {
	if u, ok := v.(Unknown); ok {
		return u.isLike(Str(""))
	}
	text, ok := v.(Str)
	_, isNumber := number(OfWord(string(text)))
	return ok && isNumber
}

// contains is: an item in a list, an address or subnet in a subnet, text in text.
func contains(a, b Value) (Value, error) {
	switch set := b.(type) {
	case List:
		for _, item := range set {
			if equal(a, item) {
				return Bool(true), nil
			}
		}
		return Bool(false), nil
	case Prefix:
		switch x := a.(type) {
		case Addr:
			return Bool(netip.Prefix(set).Contains(netip.Addr(x).Unmap())), nil
		case Prefix:
			p, q := netip.Prefix(set).Masked(), netip.Prefix(x)
			return Bool(p.Contains(q.Addr()) && q.Bits() >= p.Bits()), nil
		}
	case Str:
		if x, ok := a.(Str); ok {
			return Bool(strings.Contains(string(set), string(x))), nil
		}
	}
	return nil, mismatch("in", a, b)
}
