package probes

import (
	"context"
	"fmt"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// linkProbe is the probe link.
type linkProbe struct {
	At     syntax.Endpoint `parser:"'link' @@"`
	States []linkState     `parser:"@@*"`
	once
}

// linkState is one thing that an interface is asked for.
type linkState struct {
	Flag   *syntax.Keyword `parser:"  (?= 'up' | 'down' | 'active' | 'backup') @@"`
	MTU    *syntax.MTU     `parser:"| 'mtu' @@"`
	Master *syntax.IfName  `parser:"| 'master' @@"`
	Option *lab.NamedValue `parser:"| @@"`
}

// Link is the probe link.
func Link() *verb.Verb {
	return verb.Define[linkProbe](verb.Spec{
		Name:    "link",
		Summary: "an interface exists, and has a state",
		Usage:   []string{"link NODE:IFACE [up|down] [mtu N] [master BRIDGE] [active|backup] [OPTION VALUE…]", "link IFACE …"},
		Doc: `All conditions must hold; without any, the interface must exist.
IFACE may be left out when the node has only one besides lo. An interface that does not
exist is neither up nor down. OPTION is one of those that ` + "`option`" + ` sets.

` + "`up`" + ` is what ` + "`up` and `down`" + ` set. It does not say that frames pass: a cable needs
both ends up, which ` + "`ping`" + ` shows. ` + "`active`" + ` is a member of a ` + "`bond`" + ` that frames pass by now, and
` + "`backup`" + ` one that they do not.`,
		Examples: []verb.Example{
			{Note: "A port of a switch.", Code: "ns red\nbridge v-net-0 <red> mtu 1400\nexpect link red:veth-red up mtu 1400\nexpect link veth-red-br master v-net-0\n"},
			{Note: "Options of a port.", Code: "ns red\nbridge sw <red>\noption veth-red-br cost 10 isolated on\nexpect link veth-red-br cost 10 isolated on learning on\n"},
			{Note: "Down, and gone.", Code: "ns red blue\nlink red <-> blue\ndown blue\nexpect link blue:veth-blue down\ndelete red:veth-red\nexpect not link blue:veth-blue\n"},
		},
	})
}

// Names reports nodes, interfaces and bridges that never were, and a node with
// several interfaces.
func (e *linkProbe) Names(view verb.Lab) diag.List {
	at := lab.PlaceOf(view, e.At)
	list := neverWas(view, e.At.Text, at)
	for _, s := range e.States {
		if s.Master != nil && len(list) == 0 {
			list = append(list, neverWas(view, s.Master.Text, plan.Ref{Node: at.Node, Link: s.Master.Value})...)
		}
	}
	if len(list) == 0 {
		_, _, err := e.find(view)
		ambiguous, _ := diag.FromError(err)
		list = append(list, ambiguous...)
	}
	return list
}

// Probe looks once.
func (e *linkProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	a := verb.Answer{Subject: "link " + e.At.Value, Definite: true}
	l, gone, err := e.find(env)
	switch {
	case err != nil:
		return nil, err
	case gone != "":
		a.Seen = gone
	default:
		e.judge(&a, l)
	}
	return []verb.Answer{a}, nil
}

// find is the interface; gone says that there is none any more.
func (e *linkProbe) find(view verb.Lab) (l plan.Link, gone string, err error) {
	at := lab.PlaceOf(view, e.At)
	links, gone, err := lab.LinksAt(view, at)
	if err != nil || gone != "" {
		return l, gone, err
	}
	if at.Link != "" {
		return links[0], "", nil
	}
	if !lab.Cabled(view, at.Node) {
		return l, at.Node + " has no interface besides lo", nil
	}
	l, d := verb.FindLink(view, e.At)
	if d != nil {
		return l, "", diag.List{d}
	}
	return l, "", nil
}

func (e *linkProbe) judge(a *verb.Answer, l plan.Link) {
	place := l.Ref().String()
	a.Holds, a.Seen = true, place+" is there"
	for _, s := range e.States {
		holds, seen, fix := s.judge(place, l)
		if !holds || a.Holds {
			a.Seen = seen
		}
		if !holds {
			a.Holds, a.Fix = false, fix
			return
		}
	}
}

// Check finds states that are asked for twice.
func (e *linkProbe) Check() diag.List {
	var opts []lab.NamedValue
	for _, s := range e.States {
		if s.Option != nil {
			opts = append(opts, *s.Option)
		}
	}
	return append(lab.Repeated("link", e.States), lab.CheckIfOptions("link", opts)...)
}

// judge compares one thing, and says how to change it.
func (s linkState) judge(place string, l plan.Link) (holds bool, seen, fix string) {
	switch {
	case s.MTU != nil:
		return l.MTU == s.MTU.Int.Int(), fmt.Sprintf("the MTU of %s is %d", place, l.MTU), ""
	case s.Master != nil && l.Master == "" && l.Upper() != "":
		return l.Upper() == s.Master.Value, fmt.Sprintf("%s is a member of %s", place, l.Upper()), ""
	case s.Master != nil && l.Master == "":
		return false, place + " is a port of no bridge", ""
	case s.Master != nil:
		return l.Master == s.Master.Value, fmt.Sprintf("%s is a port of %s", place, l.Master), ""
	case s.Option != nil:
		return judgeOption(*s.Option, place, l)
	case s.Flag.Value == active || s.Flag.Value == backup:
		return s.judgeMember(place, l)
	}
	state := "down"
	if l.Up {
		state = "up"
	}
	seen = place + " is " + state
	if l.Up && !l.Carrier {
		seen += ", but no frame passes: its other end is down or missing"
	}
	return s.Flag.Value == state, seen, fmt.Sprintf("change it: %s %s", s.Flag.Value, place)
}

const active, backup = "active", "backup"

// judgeMember reports whether frames pass by a member of a bond.
func (s linkState) judgeMember(place string, l plan.Link) (holds bool, seen, fix string) {
	if l.Bond == "" {
		return false, place + " is a member of no bond", ""
	}
	is := active
	if l.Backup {
		is = backup
	}
	seen = fmt.Sprintf("%s is %s in %s", place, is, l.Bond)
	if l.Backup && !l.Carrier {
		seen += ", and has no carrier"
	}
	return s.Flag.Value == is, seen, ""
}

// judgeOption compares an option of an interface with what is expected.
func judgeOption(o lab.NamedValue, place string, l plan.Link) (holds bool, seen, fix string) {
	if d := o.Of(l); d != nil {
		return false, d.Summary, ""
	}
	option, _ := plan.IfOptionNamed(o.Name.Value)
	want := l.IfOptions
	o.Put(&want)
	is := option.Get(l.IfOptions)
	return is == option.Get(want), fmt.Sprintf("%s of %s is %s", option.Name, place, is),
		fmt.Sprintf("change it: option %s %s %s", place, option.Name, o.Value.Value)
}
