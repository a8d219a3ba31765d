package addrs

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib/lab"
)

// delAddr is the statement del addr.
type delAddr struct {
	At    syntax.Endpoint  `parser:"'del' 'addr' @@"`
	Addrs []syntax.OwnAddr `parser:"@@+"`
}

// DelAddr is the form del addr.
func DelAddr() verb.Form {
	return verb.Form{
		Grammar: (*delAddr)(nil),
		Usage:   "del addr NODE[:IFACE] ADDR[/LEN]…",
		Doc: `Removing the last IPv4 address of an interface also removes, as always in Linux, the
IPv4 routes over it.`,
		Examples: []verb.Example{
			{Note: "No address, no answer.", Code: "ns red blue\nlink red <-> blue 192.168.15.0/24\ndel addr blue 192.168.15.2/24\nexpect not ping red -> 192.168.15.2\n"},
		},
	}
}

// Plan deletes the addresses, and remembers what goes with them.
func (d *delAddr) Plan(p *verb.Plan) {
	l, ok := p.Iface(d.At)
	if !ok {
		return
	}
	s, err := lab.NewSideEffects(p, l)
	if err != nil {
		p.Err(d.At.Span, err)
		return
	}
	var doomed []netip.Prefix
	var at []syntax.OwnAddr
	for _, word := range d.Addrs {
		i := slices.IndexFunc(l.Addrs, func(a netip.Prefix) bool { return word.Is(a) && !slices.Contains(doomed, a) })
		if i >= 0 {
			doomed, at = append(doomed, l.Addrs[i]), append(at, word)
		} else if !p.Uncertain() {
			p.Fail(noSuchAddr(word, l.Ref().String(), l.Addrs))
		}
	}
	ops, _ := s.Dels(doomed)
	for i, op := range ops {
		p.Do(at[i].Span, op)
	}
}

func noSuchAddr(word syntax.OwnAddr, place string, have []netip.Prefix) *diag.Diagnostic {
	return diag.LacksAddress(diag.NotThere, word.Span, place, word.Value).
		WithHelp("%s", lab.Listed("it has", lab.Texts(have), "it has no address"))
}
