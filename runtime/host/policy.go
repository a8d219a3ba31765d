package host

import (
	"crypto/rand"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/plan"
)

// Policy is what a lab may do to the machine. It follows the ops, so that it knows what is the
// lab's own: of that, anything may be changed.
type Policy struct {
	// View is the machine.
	View plan.View
	// Forwarding: the host's IP forwarding may be changed.
	Forwarding bool
	// Guarded are the interfaces of the host that must not be changed, with why.
	Guarded map[string]string
	// SSHPort is the port of the machine at which the person is logged in over SSH, or 0. It is
	// guarded, too.
	SSHPort uint16
	// Confirm: a person looks afterwards whether the machine is still reached. What would cut it
	// off may be done, and addresses and routes of the machine may be taken away.
	Confirm bool

	nodes, deleted map[string]bool
	// links are the host's interfaces that the lab has made, with their random addresses.
	links map[string]string
	table bool
	// added are the keys of what was added to the host, and routes the routes that were.
	added  map[string]bool
	routes []plan.Route
}

// NewPolicy is the policy of a lab that has nothing yet.
func NewPolicy(v plan.View) *Policy {
	return &Policy{View: v, nodes: map[string]bool{}, deleted: map[string]bool{}, links: map[string]string{}, added: map[string]bool{}}
}

// refuse is the finding that a lab may not do something to the machine.
func refuse(help, format string, args ...any) error {
	return diag.List{diag.Errorf(diag.HostRefused, source.Span{}, format, args...).WithHelp("%s", help)}
}

// Admit says what to record before an op is done, and how the op is to be done: new interfaces of
// the host get hardware addresses by which they can be recognized, and their own once they are marked. An op
// that is nil is left out: settings of the whole machine that a lab would rather have, such as
// that br_netfilter is off, which others may rely on. The error, a diag.List, says why the op may
// not be done.
func (p *Policy) Admit(op plan.Op) (plan.Op, []Record, error) {
	switch o := op.(type) {
	case plan.Exec, plan.Start, plan.Stop, plan.Restart, plan.Lease, plan.Release, plan.AddName, plan.DelName, plan.SetResolver, plan.SetItem:
		return nil, nil, refuse("nsl up without --host keeps such a lab running",
			"with --host nothing keeps programs, services and names: %s", op.Effect().Object)
	case plan.AddNS:
		return op, nil, nil // recorded when the namespace is there and gets its name
	case plan.DelNS:
		return op, nil, p.owned(o.Name, p.nodes)
	case plan.RestoreNS:
		return op, nil, p.owned(o.Name, p.deleted)
	case plan.AddVeth:
		return p.veth(o)
	case plan.AddBridge:
		r, err := p.newLink(o.Node, o.Name, &o.MAC)
		return o, r, err
	case plan.AddLink:
		return p.link(o)
	case plan.MoveLink:
		return p.move(o)
	default:
		return p.other(op)
	}
}

// other admits what makes and moves nothing.
func (p *Policy) other(op plan.Op) (plan.Op, []Record, error) {
	node := field(op, "Node")
	if o, ok := op.(plan.SetSysctl); ok && node == plan.Host && o.Optional {
		return nil, nil, nil
	}
	if node != plan.Host {
		return op, nil, p.owned(node, p.nodes)
	}
	records, err := p.host(op)
	return op, records, err
}

// owned is the error that a namespace is none of the lab's.
func (p *Policy) owned(node string, of map[string]bool) error {
	if node == plan.Host || of[node] {
		return nil
	}
	return refuse("a lab changes only the namespaces that it has made", "the namespace %s is the machine's", node)
}

// field is a field of an op that has it, else "".
func field(op plan.Op, names ...string) string {
	v := reflect.ValueOf(op)
	for _, name := range names {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
	}
	return ""
}

func (p *Policy) veth(o plan.AddVeth) (plan.Op, []Record, error) {
	a, err := p.newLink(o.A.Node, o.A.Name, &o.A.MAC)
	if err != nil {
		return o, nil, err
	}
	b, err := p.newLink(o.B.Node, o.B.Name, &o.B.MAC)
	return o, append(a, b...), err
}

// newLink is the record of a new interface of the host; one in a namespace goes with it.
func (p *Policy) newLink(node, name string, mac *string) ([]Record, error) {
	if node != plan.Host {
		return nil, p.owned(node, p.nodes)
	}
	r := Record{Kind: Link, Name: name, MAC: randomMAC(), Is: *mac}
	*mac = r.MAC
	return []Record{r}, nil
}

// randomMAC is a hardware address that no one else has: unicast, administered locally (IEEE 802).
func randomMAC() string {
	mac := make(net.HardwareAddr, 6)
	_, _ = rand.Read(mac) // it never fails (crypto/rand)
	mac[0] = mac[0]&^1 | 2
	return mac.String()
}

func (p *Policy) link(o plan.AddLink) (plan.Op, []Record, error) {
	if err := p.owned(o.Lower.Node, p.nodes); o.Lower.Node != "" && err != nil {
		return o, nil, err
	}
	if why := p.Guarded[o.Lower.Link]; o.Lower.Node == plan.Host && why != "" {
		return o, nil, guarded(o.Lower.Link, why)
	}
	kinds := []string{plan.Dummy, plan.VXLAN, plan.MACVLAN, plan.GENEVE}
	if o.Node == plan.Host && !slices.Contains(kinds, o.Kind) {
		return o, nil, refuse("put it into a namespace of the lab; the host gets veth, bridge, "+strings.Join(kinds, ", "),
			"a %s on the machine itself could not be recognized after a crash", o.Kind)
	}
	r, err := p.newLink(o.Node, o.Name, &o.MAC)
	return o, r, err
}

// move records what comes to the host. It is marked before.
func (p *Policy) move(o plan.MoveLink) (plan.Op, []Record, error) {
	if err := p.owned(o.Node, p.nodes); err != nil {
		return o, nil, err
	}
	if err := p.owned(o.To, p.nodes); err != nil {
		return o, nil, err
	}
	if _, own := p.links[o.Name]; o.Node == plan.Host && !own {
		return o, nil, foreign(o.Name)
	}
	if o.To == plan.Host {
		return o, []Record{{Kind: Link, Name: o.Name}}, nil
	}
	return o, nil, nil
}

func foreign(link string) error {
	return refuse("it may get addresses and routes, be set up, or become a port of a bridge", "%s is an interface of the machine, which a lab does not change in this way", link)
}

func guarded(what, why string) error {
	return refuse("--confirm 60s undoes all of it unless you confirm it in time", "%s %s: a mistake could cut you off", what, why)
}

// Note follows an op that was done, with its records.
func (p *Policy) Note(op plan.Op, records []Record) {
	for _, r := range records {
		switch {
		case r.Kind == Link:
			p.links[r.Name] = r.MAC
		case r.Kind == Table:
			p.table = true
		case r.Kind == Route && !r.Gone:
			p.routes = append(p.routes, *r.Route)
			fallthrough
		default:
			p.added[r.key()] = !r.Gone
		}
	}
	switch o := op.(type) {
	case plan.AddNS:
		p.nodes[o.Name] = true
	case plan.RestoreNS:
		p.nodes[o.Name] = true
	case plan.DelNS:
		delete(p.nodes, o.Name)
		p.deleted[o.Name] = true
	case plan.DelNftTable:
		p.table = p.table && o.Node != plan.Host
	case plan.RenameLink:
		p.forget(o.Node, o.Name)
	case plan.DelLink:
		p.forget(o.Node, o.Name)
	default: // of it nothing is left to know
	}
}

// moments are what is recorded before an op, and what after it: that something of the lab's own
// is gone, which must be true.
func (p *Policy) moments(records []Record) (before, after []Record) {
	for _, r := range records {
		if r.Gone && p.added[r.key()] {
			after = append(after, r)
		} else {
			before = append(before, r)
		}
	}
	if len(records) == 0 {
		before = []Record{{Kind: Done}}
	}
	return before, after
}

// forget is for an interface that is not there any more.
func (p *Policy) forget(node, link string) {
	if node == plan.Host {
		delete(p.links, link)
	}
}

// commands are those of an op, for people.
func commands(op plan.Op) string {
	var lines []string
	for _, c := range op.Commands() {
		if _, ok := op.(plan.Baseline); ok {
			return fmt.Sprintf("sysctl: the settings of a lab, in %s", field(op, "Node"))
		}
		lines = append(lines, c.String())
	}
	return strings.Join(lines, "\n")
}
