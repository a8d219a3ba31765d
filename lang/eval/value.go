// Package eval evaluates the language of scripts: values and expressions,
// interpolation, scopes, loops, branches, functions, modules, test blocks.
// What a statement does to a lab is its host's matter: the engine runs it, the
// checker only plans it.
package eval

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Value is what an expression gives. The union is sealed.
type Value interface {
	// String is the value as a word of a script.
	String() string
	// Kind is the type's name in messages: "number", "address".
	Kind() string
	value()
}

// The kinds of values.
type (
	// Str is text.
	Str string
	// Int is a whole number.
	Int int64
	// Float is a number with a fraction.
	Float float64
	// Bool is true or false.
	Bool bool
	// Duration is a time.
	Duration time.Duration
	// Rate is a number of bits per second.
	Rate float64
	// Size is a number of bytes.
	Size int64
	// Percent is a share, 0 to 100.
	Percent float64
	// Addr is an IP address.
	Addr netip.Addr
	// Prefix is a subnet, or an interface address: host bits are kept.
	Prefix netip.Prefix
	// List is a sequence of values.
	List []Value
	// Unknown is a value that only a run can tell. Like is a value of its kind, or nil
	// where not even that is known.
	Unknown struct{ Like Value }
)

func (Str) value()      {}
func (Int) value()      {}
func (Float) value()    {}
func (Bool) value()     {}
func (Duration) value() {}
func (Rate) value()     {}
func (Size) value()     {}
func (Percent) value()  {}
func (Addr) value()     {}
func (Prefix) value()   {}
func (List) value()     {}
func (Unknown) value()  {}

// Kind is "text".
func (Str) Kind() string { return "text" }

// Kind is "number".
func (Int) Kind() string { return "number" }

// Kind is "number".
func (Float) Kind() string { return "number" }

// Kind is "truth value".
func (Bool) Kind() string { return "truth value" }

// Kind is "duration".
func (Duration) Kind() string { return "duration" }

// Kind is "rate".
func (Rate) Kind() string { return "rate" }

// Kind is "size".
func (Size) Kind() string { return "size" }

// Kind is "percentage".
func (Percent) Kind() string { return "percentage" }

// Kind is "address".
func (Addr) Kind() string { return "address" }

// Kind is "prefix".
func (Prefix) Kind() string { return "prefix" }

// Kind is "list".
func (List) Kind() string { return "list" }

// Kind is that of the value that it will be, or "unknown value".
func (v Unknown) Kind() string {
	if v.Like == nil {
		return "unknown value"
	}
	return v.Like.Kind()
}

func (v Str) String() string      { return string(v) }
func (v Int) String() string      { return strconv.FormatInt(int64(v), 10) }
func (v Bool) String() string     { return strconv.FormatBool(bool(v)) }
func (v Duration) String() string { return shortDuration(time.Duration(v)) }
func (v Rate) String() string     { return withUnit(float64(v), 1000, rateUnits()) }
func (v Size) String() string     { return withUnit(float64(v), 1024, sizeUnits()) }
func (v Percent) String() string  { return strconv.FormatFloat(float64(v), 'f', -1, 64) + "%" }
func (v Addr) String() string     { return netip.Addr(v).String() }
func (v Prefix) String() string   { return netip.Prefix(v).String() }
func (Unknown) String() string    { return "?" }

// String has a point, so that it is read again as what it is.
func (v Float) String() string {
	s := strconv.FormatFloat(float64(v), 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// String is the list as a script writes it.
func (v List) String() string { return "<" + strings.Join(v.words(), " ") + ">" }

func (v List) words() []string {
	words := make([]string, len(v))
	for i, item := range v {
		words[i] = item.String()
	}
	return words
}

// mostQuoted is how much of a value a message shows (bytes, about).
const mostQuoted = 200

// Quoted is a value for a message: text in quotes, the rest as it is, and of
// what is long the beginning.
func Quoted(v Value) string {
	switch v := v.(type) {
	case Str:
		if len(v) > mostQuoted {
			return strconv.Quote(strings.ToValidUTF8(string(v[:mostQuoted]), "")) + "…"
		}
		return strconv.Quote(string(v))
	case List:
		size := 0
		for i, w := range v.words() {
			if size += len(w) + 1; size > mostQuoted {
				return strings.TrimSuffix(v[:i].String(), ">") + " …>"
			}
		}
	}
	return v.String()
}

func rateUnits() []string { return []string{"bit", "kbit", "mbit", "gbit", "tbit"} }
func sizeUnits() []string { return []string{"b", "kb", "mb", "gb", "tb"} }

// withUnit writes a quantity with the largest unit that keeps it whole or above one.
func withUnit(v, step float64, units []string) string {
	i := 0
	for i+1 < len(units) && math.Abs(v) >= step {
		v /= step
		i++
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + units[i]
}

// shortDuration is time.Duration.String without the zero parts at its end: 1m, not 1m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// OfWord gives a bare word the type of its shape: 5, 1.5, 10ms, 10mbit, 64kb,
// 1%, 192.168.15.1, 192.168.15.0/24, true; everything else is text.
func OfWord(w string) Value {
	if w == "" || !strings.ContainsAny(w[:1], "0123456789-.tf:abcdefABCDEF") {
		return Str(w)
	}
	if n, err := strconv.ParseInt(w, 10, 64); err == nil && plainInt(w) {
		return Int(n)
	}
	switch w {
	case "true", "false":
		return Bool(w == "true")
	}
	if v := quantity(w); v != nil {
		return v
	}
	if a, err := netip.ParseAddr(w); err == nil {
		return Addr(a)
	}
	if p, err := netip.ParsePrefix(w); err == nil {
		return Prefix(p)
	}
	return Str(w)
}

// plainInt keeps 007 and +5 text: they would not come out as they were written.
func plainInt(w string) bool {
	digits := strings.TrimPrefix(w, "-")
	return digits == "0" || digits[0] != '0' && digits[0] != '+'
}

// quantity reads a number with a fraction or a unit, or is nil.
func quantity(w string) Value {
	end := strings.IndexFunc(w, func(r rune) bool { return r != '.' && r != '-' && (r < '0' || r > '9') })
	if end == 0 || strings.Count(w, ".") > 1 {
		return nil
	}
	number, unit := w, ""
	if end > 0 {
		number, unit = w[:end], w[end:]
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return nil
	}
	switch {
	case unit == "":
		if v := Float(f); v.String() == w {
			return v
		}
		return nil // 10.10 may be half an address: it must not become 10.1
	case unit == "%":
		return Percent(f)
	}
	if d, err := time.ParseDuration(w); err == nil {
		return Duration(d)
	}
	if n := scale(unit, 1000, rateUnits()); n > 0 {
		return Rate(f * n)
	}
	if n := scale(unit, 1024, sizeUnits()); n > 0 && f*n == math.Trunc(f*n) && math.Abs(f*n) < math.MaxInt64 {
		return Size(int64(f * n))
	}
	return nil
}

func scale(unit string, step float64, units []string) float64 {
	n := 1.0
	for _, u := range units {
		if u == unit {
			return n
		}
		n *= step
	}
	return 0
}

// Truth is a value as a condition; only truth values are.
func Truth(v Value) (bool, error) {
	if b, ok := v.(Bool); ok {
		return bool(b), nil
	}
	if u, ok := v.(Unknown); ok && u.isLike(Bool(true)) {
		return false, nil
	}
	return false, kindError{text: "a condition is true or false, not ", value: v}
}
