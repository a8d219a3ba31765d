package probes

import (
	"context"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// vlanProbe is the probe vlan.
type vlanProbe struct {
	Port   syntax.Endpoint `parser:"'vlan' @@"`
	Trunk  []syntax.VLAN   `parser:"( 'trunk' @@ (',' @@)*"`
	Native *syntax.VLAN    `parser:"  ('native' @@)?"`
	Access *syntax.VLAN    `parser:"| @@ )"`
	once
}

// VLAN is the probe vlan.
func VLAN() *verb.Verb {
	return verb.Define[vlanProbe](verb.Spec{
		Name:    "vlan",
		Summary: "a port of a bridge is in VLANs",
		Usage:   []string{"vlan PORT N", "vlan PORT trunk N,N… [native N]", "vlan NODE:PORT …"},
		Doc: `With ` + "`N`" + ` alone, frames without a tag at that port are in this VLAN, in both directions. With
` + "`trunk`" + ` the frames of each of the VLANs carry its tag there; others may, too. PORT may be the bridge
itself.`,
		Examples: []verb.Example{
			{Note: "What the members asked for.", Needs: "vlan-filtering", Code: "ns a r1\nbridge sw <a vlan 10 r1 trunk 10,20 native 1>\nexpect vlan veth-a-br 10\nexpect vlan veth-r1-br trunk 10,20 native 1\nexpect not vlan veth-r1-br trunk 30\n"},
		},
	})
}

// Names reports a node or port that never was.
func (e *vlanProbe) Names(view verb.Lab) diag.List {
	return neverWas(view, e.Port.Text, lab.PlaceOf(view, e.Port))
}

// Probe looks once.
func (e *vlanProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	a := verb.Answer{Subject: "vlan " + e.Port.Value, Definite: true}
	links, gone, err := lab.LinksAt(env, lab.PlaceOf(env, e.Port))
	switch {
	case err != nil:
		return nil, err
	case gone != "":
		a.Seen = gone
	case len(links) == 0 || len(links[0].VLANs) == 0:
		a.Seen = e.Port.Value + " is in no VLAN: it is no port of a bridge that filters them"
	default:
		a.Holds, a.Seen = e.holds(links[0].VLANs), e.Port.Value+" has: "+plan.VLANText(links[0].VLANs)
	}
	return []verb.Answer{a}, nil
}

func (e *vlanProbe) holds(list []plan.PortVLAN) bool {
	if e.Access != nil {
		return untagged(list, e.Access)
	}
	for _, t := range e.Trunk {
		if v, member := plan.FindVLAN(list, t.Int.Int()); !member || v.Untagged {
			return false
		}
	}
	return e.Native == nil || untagged(list, e.Native)
}

func untagged(list []plan.PortVLAN, vlan *syntax.VLAN) bool {
	v, _ := plan.FindVLAN(list, vlan.Int.Int())
	return v.PVID && v.Untagged
}
