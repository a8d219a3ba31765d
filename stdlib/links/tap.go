package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// tap is the statement tap.
type tap struct {
	At   syntax.Endpoint `parser:"'tap' @@"`
	Opts []newLinkOption `parser:"@@*"`
}

// tun is the statement tun.
type tun struct {
	At   syntax.Endpoint `parser:"'tun' @@"`
	Opts []newLinkOption `parser:"@@*"`
}

// Tap is the verb tap.
func Tap() *verb.Verb {
	return verb.Define[tap](verb.Spec{
		Name:    "tap",
		Summary: "make an interface whose other end is a program: a virtual machine",
		Usage:   []string{"tap IFACE [ADDR/LEN…] [mtu N] [mac M]", "tap NODE:IFACE …"},
		Doc: `A program that opens ` + "`/dev/net/tun`" + ` with this name sends and receives Ethernet frames on
it: the network card of a virtual machine. It is up from the start, and has no carrier
until a program has it open. ` + "`attach`" + ` puts it on a bridge.

The user needs access to ` + "`/dev/net/tun`" + `, which only root has on some machines.`,
		Examples: []verb.Example{
			{Note: "A virtual machine's place on a switch.", Needs: "tun", Code: "ns red\nbridge v-net-0 <red>\ntap vm0\nattach vm0 -> v-net-0\nexpect link vm0 up master v-net-0\n"},
		},
	})
}

// Tun is the verb tun.
func Tun() *verb.Verb {
	return verb.Define[tun](verb.Spec{
		Name:    "tun",
		Summary: "make an interface whose other end is a program that handles IP packets",
		Usage:   []string{"tun IFACE [ADDR/LEN…] [mtu N]", "tun NODE:IFACE …"},
		Doc: `As ` + "`tap`" + `, for IP packets without an Ethernet header, as VPN programs use it. It has no
hardware address, and cannot be a port of a bridge.`,
		Examples: []verb.Example{
			{Note: "Where a VPN's packets go.", Needs: "tun", Code: "ns red\ntun red:tun0 10.8.0.1/24 mtu 1400\nexpect addr red:tun0 10.8.0.1/24\nexpect link red:tun0 up mtu 1400\n"},
		},
	})
}

// Plan makes it.
func (t *tap) Plan(p *verb.Plan) { planTun(p, t.At, plan.Tap, t.Opts) }

// Plan makes it.
func (t *tun) Plan(p *verb.Plan) { planTun(p, t.At, plan.Tun, t.Opts) }

// Check finds a hardware address, which there is none of.
func (t *tun) Check() diag.List {
	var list diag.List
	for _, o := range t.Opts {
		if o.MAC != nil {
			list.Add(diag.Errorf(diag.NotEthernet, o.MAC.Span, "a tun interface carries IP packets and has no hardware address").
				WithHelp("tap is the kind that carries Ethernet frames"))
		}
	}
	return list
}

// tapMTU is the largest MTU of a tap, in bytes: an Ethernet header has to fit
// into 65535 as well (tun_net_initialize, drivers/net/tun.c).
const tapMTU = 65521

func planTun(p *verb.Plan, at syntax.Endpoint, kind string, opts []newLinkOption) {
	m, ok := newLink(p, at, kind)
	if !ok {
		return
	}
	m.apply(opts...)
	for _, o := range opts {
		if kind == plan.Tap && o.MTU != nil && o.MTU.Int.Int() > tapMTU {
			p.Fail(diag.Errorf(diag.BadNumber, o.MTU.Span, "the MTU of a tap is %d bytes at most, not %s", tapMTU, o.MTU.Value))
		}
	}
	m.emit()
}
