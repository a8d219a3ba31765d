package syntax

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Int is a whole number that is not negative.
type Int struct{ Text }

// Parse takes one word.
func (i *Int) Parse(lex *lexer.PeekingLexer) error { return i.Text.Parse(lex) }

// Completes implements [Completer].
func (Int) Completes() []Completion { return []Completion{Nothing} }

// Int is the number, or 0 when it is malformed.
func (i Int) Int() int {
	n, err := strconv.ParseUint(i.Value, 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// Problem reports what is no number.
func (i Int) Problem() *diag.Diagnostic {
	if _, err := strconv.ParseUint(i.Value, 10, 32); err != nil {
		return diag.Errorf(diag.BadNumber, i.Span, "%q is not a whole number", i.Value).
			WithHelp("write digits only, 0 to 4294967295")
	}
	return nil
}

// MTU is a size in bytes that the kernel takes as a veth's or bridge's MTU
// (RFC 791: every IPv4 link carries 68 bytes; ETH_MAX_MTU is 65535).
type MTU struct{ Int }

// Problem reports what is no MTU.
func (m MTU) Problem() *diag.Diagnostic {
	if d := m.Int.Problem(); d != nil {
		return d
	}
	if n := m.Int.Int(); n < 68 || n > 65535 {
		return diag.Errorf(diag.BadNumber, m.Span, "an MTU is 68 to 65535 bytes, not %s", m.Value).
			WithHelp("1500 is usual; IPv6 needs 1280 at least")
	}
	return nil
}

// Duration is a time with its unit: 10ms, 2s, 1m.
type Duration struct{ Text }

// Parse takes one word.
func (d *Duration) Parse(lex *lexer.PeekingLexer) error { return d.Text.Parse(lex) }

// Completes implements [Completer].
func (Duration) Completes() []Completion { return []Completion{Nothing} }

// Duration is the time, or 0 when it is malformed.
func (d Duration) Duration() time.Duration {
	v, err := time.ParseDuration(d.Value)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// Lifetime is how long an address is valid or preferred (RFC 4862, section 5.5.4), as
// ip-address(8) has it: seconds, or forever; or a duration, 1h.
type Lifetime struct{ Text }

// Parse takes one word.
func (l *Lifetime) Parse(lex *lexer.PeekingLexer) error { return l.Text.Parse(lex) }

// Completes implements [Completer].
func (Lifetime) Completes() []Completion { return []Completion{Words{foreverWord}} }

const foreverWord = "forever"

// Seconds is the time; ends is false for forever, and for what is malformed.
func (l Lifetime) Seconds() (n uint32, ends bool) {
	if l.Value == foreverWord {
		return 0, false
	}
	if n, err := strconv.ParseUint(l.Value, 10, 32); err == nil {
		return uint32(n), n < math.MaxUint32
	}
	d, err := time.ParseDuration(l.Value)
	return uint32(d / time.Second), err == nil
}

// Problem reports what is no time in seconds.
func (l Lifetime) Problem() *diag.Diagnostic {
	if d, err := time.ParseDuration(l.Value); err == nil && d >= 0 && d%time.Second == 0 && d/time.Second < math.MaxUint32 {
		return nil
	}
	if _, err := strconv.ParseUint(l.Value, 10, 32); err == nil || l.Value == foreverWord {
		return nil
	}
	return diag.Errorf(diag.BadDuration, l.Span, "%q is not a lifetime", l.Value).
		WithHelp("whole seconds or a time with its unit: 3600, 1h; or forever")
}

// longest is the longest duration that a script may ask for.
const longest = 7 * 24 * time.Hour

// Problem reports what is no duration.
func (d Duration) Problem() *diag.Diagnostic {
	v, err := time.ParseDuration(d.Value)
	if err == nil && v > longest {
		return diag.Errorf(diag.BadDuration, d.Span, "%s is longer than any lab runs", d.Value).
			WithHelp("a week at most: %s", longest)
	}
	if err == nil && v >= 0 && d.Value != "0" {
		return nil
	}
	p := diag.Errorf(diag.BadDuration, d.Span, "%q is not a duration", d.Value)
	number := strings.TrimRight(strings.ToLower(d.Value), "abcdefghijklmnopqrstuvwxyz")
	if n, err := strconv.ParseFloat(number, 64); err == nil && n >= 0 {
		if number == d.Value {
			return p.WithHelp("it needs a unit: %ss or %sms", number, number)
		}
		if unit := unitOf(strings.ToLower(d.Value[len(number):])); unit != "" {
			return p.WithHelp("write %s%s", number, unit)
		}
	}
	return p.WithHelp("write it with its unit: 200ms, 5s, 1m")
}

// unitOf is the short form of a unit of time, or "".
func unitOf(long string) string {
	switch long {
	case "sec", "secs", "second", "seconds", "s":
		return "s"
	case "min", "mins", "minute", "minutes", "m":
		return "m"
	case "msec", "msecs", "millisecond", "milliseconds", "ms":
		return "ms"
	case "usec", "usecs", "microsecond", "microseconds", "us":
		return "us"
	case "hr", "hrs", "hour", "hours", "h":
		return "h"
	}
	return ""
}

// Percent is a share: 1%.
type Percent struct{ Text }

// Parse takes one word.
func (p *Percent) Parse(lex *lexer.PeekingLexer) error { return p.Text.Parse(lex) }

// Completes implements [Completer].
func (Percent) Completes() []Completion { return []Completion{Nothing} }

// Float is the percentage, 0 to 100, or 0 when it is malformed.
func (p Percent) Float() float64 {
	f, err := strconv.ParseFloat(strings.TrimSuffix(p.Value, "%"), 64)
	if err != nil {
		return 0
	}
	return f
}

// Problem reports what is no percentage.
func (p Percent) Problem() *diag.Diagnostic {
	number, found := strings.CutSuffix(p.Value, "%")
	f, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || !(f >= 0 && f <= 100) {
		return diag.Errorf(diag.BadNumber, p.Span, "%q is not a percentage", p.Value).
			WithHelp("it is a number from 0 to 100 and its sign: 1%%")
	}
	return nil
}

const (
	onWord  = "on"
	offWord = "off"
)

// OnOff is the word on or off.
type OnOff struct{ Text }

// Parse takes one word.
func (o *OnOff) Parse(lex *lexer.PeekingLexer) error { return o.Text.Parse(lex) }

// Completes implements [Completer].
func (OnOff) Completes() []Completion { return []Completion{OnOffWords()} }

// On reports whether it is on.
func (o OnOff) On() bool { return o.Value == onWord }

// Problem reports what is neither.
func (o OnOff) Problem() *diag.Diagnostic {
	if o.Value == onWord || o.Value == offWord {
		return nil
	}
	return diag.Errorf(diag.BadWord, o.Span, "%q is neither on nor off", o.Value).WithHelp("write on or off")
}

// Setting is KEY=VALUE.
type Setting struct{ Text }

// Parse takes one word, and the string that touches it: net.ipv4.ip_local_port_range="1 2".
func (s *Setting) Parse(lex *lexer.PeekingLexer) error {
	if err := s.Text.Parse(lex); err != nil {
		return err
	}
	next := lex.Peek()
	if next.Type != typeString || next.Pos.Offset != s.Span.End || !strings.HasSuffix(s.Value, "=") {
		return nil
	}
	value := textOf(lex.Next())
	s.Span.End, s.Value, s.Dynamic = value.Span.End, s.Value+value.Value, s.Dynamic || value.Dynamic
	return nil
}

// Completes implements [Completer].
func (Setting) Completes() []Completion { return []Completion{Settings} }

// Split is the key and the value.
func (s Setting) Split() (key, value string) {
	key, value, _ = strings.Cut(s.Value, "=")
	return key, value
}

// Problem reports what is no setting of a network namespace.
func (s Setting) Problem() *diag.Diagnostic {
	key, value, found := strings.Cut(s.Value, "=")
	switch {
	case !found || key == "" || value == "":
		return diag.Errorf(diag.BadSetting, s.Span, "%q is not KEY=VALUE", s.Value).
			WithHelp("write the name of the setting, = and its value with no blank between: net.ipv4.ip_forward=1")
	case !strings.HasPrefix(key, "net.") && !strings.HasPrefix(key, "net/"):
		return diag.Errorf(diag.BadSetting, s.Span, "%s is not a setting of a network namespace", key).
			WithHelp("write the whole name, as net.ipv4.ip_forward; only those that begin with net. belong to a node")
	case strings.Contains(key, "..") || strings.Contains(key, "//"):
		return diag.Errorf(diag.BadSetting, s.Span, "%s is not the name of a setting", key).
			WithHelp("write it as sysctl does: net.ipv4.ip_forward")
	}
	return nil
}

// ServiceName is a node, or the name of what runs in one.
type ServiceName struct{ Free }

// Completes implements [Completer].
func (ServiceName) Completes() []Completion { return []Completion{Services} }

// Free is any text; it has no shape to miss.
type Free struct{ Text }

// Parse takes one word.
func (f *Free) Parse(lex *lexer.PeekingLexer) error { return f.Text.Parse(lex) }

// Completes implements [Completer].
func (Free) Completes() []Completion { return []Completion{Alternatives} }

// Problem is nil.
func (f Free) Problem() *diag.Diagnostic { return nil }

// File is the name of a file or directory.
type File struct{ Text }

// Parse takes one word.
func (f *File) Parse(lex *lexer.PeekingLexer) error { return f.Text.Parse(lex) }

// Completes implements [Completer].
func (File) Completes() []Completion { return []Completion{Files} }

// Problem is nil.
func (f File) Problem() *diag.Diagnostic { return nil }
