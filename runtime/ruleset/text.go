package ruleset

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// Where is the table and the chain of a rule: "table inet fw, chain transit".
func (r Rule) Where() string {
	if r.Table == nil {
		return ""
	}
	text := fmt.Sprintf("table %s %s, chain %s", r.Table.Family, r.Table.Name, r.Chain.Name)
	if r.Table.Program != plan.NftProgram {
		text = fmt.Sprintf("%s table %s, chain %s", r.Table.Program, r.Table.Name, r.Chain.Name)
	}
	if r.Jump != "" {
		text += ", from " + r.Jump
	}
	return text
}

// Text is the rule as nft(8) writes it, as far as it is understood: "tcp dport 22 drop".
func (r Rule) Text() string {
	if r.Place == 0 {
		return "policy drop"
	}
	rule := r.Chain.Rules[r.Place-1]
	w := writer{table: r.Table, family: r.Table.Family}
	for _, e := range rule.Exprs {
		w.expr(e)
	}
	w.flush("")
	return strings.Join(slices.DeleteFunc(w.words, func(word string) bool { return word == "" }), " ")
}

// writer makes words of expressions.
type writer struct {
	table *plan.FilterTable
	// family and proto are what the rule has asked for so far.
	family, proto string
	words         []string
	// loads are what was read and not used yet; lower is the beginning of a range of it.
	loads []field
	lower string
	// askedFamily and askedProto are conditions that are left out where what follows
	// says so, too.
	askedFamily, askedProto string
	// values are those for a translation, by their register.
	values map[int][]byte
}

// field is what an expression reads: its name, and how its values are written.
type field struct {
	name string
	kind string
	// mask and xor are those of a bitwise expression.
	mask, xor []byte
	dst       int
	// network: a number of the host was brought into network byte order.
	network bool
}

func (w *writer) add(words ...string) { w.words = append(w.words, words...) }

// flush writes conditions that were held back, unless what follows implies them.
func (w *writer) flush(implies string) {
	if w.askedFamily != "" && !impliesFamily(implies, w.family) {
		w.add(w.askedFamily)
	}
	if w.askedProto != "" && !strings.Contains(" "+implies, " "+headerOf(w.proto)+" ") {
		w.add(w.askedProto)
	}
	w.askedFamily, w.askedProto = "", ""
}

// headerOf is how nft calls the header of a protocol.
func headerOf(proto string) string {
	if proto == "ipv6-icmp" {
		return "icmpv6"
	}
	return proto
}

func (w *writer) expr(e plan.FilterExpr) {
	if c, ok := e.(plan.Compare); w.lower != "" && (!ok || c.Op != "<=") {
		f := w.take()
		w.condition(f, ">=", w.lower)
		w.lower = ""
	}
	switch e := e.(type) {
	case plan.Payload, plan.MetaKey, plan.CtKey, plan.Fib:
		w.loads = append(w.loads, w.loaded(e))
	case plan.Opaque:
		w.opaque(e)
	case plan.Effectless:
		w.flush("")
		w.add(w.filled(e.Text))
	case plan.Bitwise:
		if n := len(w.loads); n > 0 {
			w.loads[n-1].mask, w.loads[n-1].xor = e.Mask, e.Xor
		}
	case plan.ByteOrder:
		if n := len(w.loads); n > 0 {
			w.loads[n-1].network = !w.loads[n-1].network
		}
	case plan.Compare:
		w.compare(e)
	case plan.Between:
		f := w.take()
		w.condition(f, not(e.Not), w.value(f, e.From)+"-"+w.value(f, e.To))
	case plan.Member:
		w.member(e)
	case plan.Immediate:
		if w.values == nil {
			w.values = map[int][]byte{}
		}
		w.values[e.Dst] = e.Data
	case plan.XtMatch:
		words := xtWords(e)
		w.flush(words + " ")
		w.add(words)
	case plan.Reject:
		w.flush(map[bool]string{true: "tcp "}[e.Reset])
		w.action(e)
	default:
		w.flush("")
		w.action(e)
	}
}

// loaded is the field that an expression reads.
func (w *writer) loaded(e plan.FilterExpr) field {
	switch e := e.(type) {
	case plan.Payload:
		return w.payload(e)
	case plan.MetaKey:
		return metaField(e)
	case plan.CtKey:
		return field{name: "ct " + e.Key, kind: ctKind(e.Key), dst: e.Dst}
	case plan.Fib:
		return fibField(e)
	}
	return field{}
}

func not(b bool) string {
	if b {
		return "!="
	}
	return ""
}

// take is what was read last.
func (w *writer) take() field {
	if len(w.loads) == 0 {
		return field{name: "value"}
	}
	f := w.loads[len(w.loads)-1]
	w.loads = nil
	return f
}

// condition writes a comparison.
func (w *writer) condition(f field, op, value string) {
	w.flush(f.name + " ")
	w.add(f.name)
	if op != "" {
		w.add(op)
	}
	w.add(value)
}

func (w *writer) compare(e plan.Compare) {
	if e.Op == ">=" && len(w.loads) > 0 && w.lower == "" {
		w.lower = w.value(w.loads[len(w.loads)-1], e.Data)
		return
	}
	f := w.take()
	value := w.value(f, e.Data)
	switch {
	case w.lower != "":
		w.condition(f, "", w.lower+"-"+value)
		w.lower = ""
		return
	case f.name == "meta l4proto" && e.Op == "":
		w.proto, w.askedProto = value, "meta l4proto "+value
		return
	case (f.name == "meta nfproto" || f.name == "meta protocol" || f.name == "ether type") && e.Op == "":
		w.family = map[string]string{"ipv4": "ip", "ip": "ip", "ipv6": "ip6", "ip6": "ip6", "arp": "arp"}[value]
		w.askedFamily = f.name + " " + value
		return
	}
	if bits := binaryBits(f, e); bits != "" {
		w.condition(f, "", bits)
		return
	}
	w.condition(f, e.Op, value)
}

// binaryBits is a test of single bits: "ct state established", "tcp flags syn".
func binaryBits(f field, e plan.Compare) string {
	if f.mask == nil || e.Op != "!=" || len(f.mask) != len(e.Data) || !allZero(e.Data) {
		return ""
	}
	return bitNames(f.kind, f.mask)
}

func allZero(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) }

// bitNames are the names of the bits of a mask.
func bitNames(kind string, mask []byte) string {
	switch kind {
	case "state":
		return plan.ConnState(number(mask)).String()
	case "status":
		var names []string
		for bit, name := range map[uint32]string{1: "expected", 2: "seen-reply", 4: "assured", 8: "confirmed", 0x10: "snat", 0x20: "dnat"} {
			if number(mask)&bit != 0 {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return strings.Join(names, ",")
	case "tcpflags":
		return flagNames(mask[0])
	}
	return ""
}

func flagNames(flags byte) string {
	var names []string
	for i, name := range []string{"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"} {
		if flags&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// action writes what a rule does.
func (w *writer) action(e plan.FilterExpr) {
	switch e := e.(type) {
	case plan.Verdict:
		w.add(verdictWords(e))
	case plan.Reject:
		w.add("reject")
		switch {
		case e.Reset:
			w.add("with tcp reset")
		case e.With != "":
			w.add("with " + e.With)
		}
	case plan.SetMeta:
		w.add("meta "+e.Key, "set", setValue(w.values[e.Src]))
	case plan.SetPayload:
		w.written(e)
	case plan.Translate:
		w.add(e.Kind)
		if to := w.target(e); to != "" {
			w.add("to", to)
		}
	case plan.NoTrack:
		w.add("notrack")
	case plan.SetCt:
		w.add("ct "+e.Key, "set", setValue(append(w.values[e.Src], 0, 0)))
	case plan.XtTarget:
		w.add(xtTargetWords(e))
	}
}

// written is a field of a header that gets a value.
func (w *writer) written(e plan.SetPayload) {
	b := w.values[e.Src]
	if n := len(w.loads); b == nil && n > 0 && w.loads[n-1].dst == e.Src {
		from, put := w.take().put()
		e.Offset, b = e.Offset+from, put
	}
	f := w.payload(plan.Payload{Base: e.Base, Offset: e.Offset, Len: e.Len})
	if b == nil {
		w.add(f.name, "set VALUE")
		return
	}
	w.add(f.name, "set", w.value(f, b))
}

// put are the bytes that a bitwise expression gives a field, and where they begin in it: one of
// a single byte is written with the one beside it, which the mask keeps, as checksums are of
// words of two. There are none where it changes single bits.
func (f field) put() (from int, b []byte) {
	isKept := func(m byte) bool { return m == 0xff }
	from = slices.IndexFunc(f.mask, func(m byte) bool { return !isKept(m) })
	if from < 0 || len(f.xor) != len(f.mask) {
		return 0, nil
	}
	to := len(f.mask)
	if n := slices.IndexFunc(f.mask[from:], isKept); n > 0 {
		to = from + n
	}
	if !allZero(f.mask[from:to]) {
		return 0, nil
	}
	return from, f.xor[from:to]
}

func setValue(b []byte) string {
	if len(b) < 4 {
		return "VALUE"
	}
	return fmt.Sprintf("%#x", binary.NativeEndian.Uint32(b))
}

func verdictWords(v plan.Verdict) string { return strings.TrimSpace(v.Kind + " " + v.Chain) }

func (w *writer) target(e plan.Translate) string {
	text := ""
	if b := w.values[e.Addr]; e.Addr != 0 && b != nil {
		text = addrText(b)
	}
	if b := w.values[e.Port]; e.Port != 0 && len(b) >= 2 {
		text += ":" + strconv.Itoa(int(binary.BigEndian.Uint16(b)))
	}
	return text
}
