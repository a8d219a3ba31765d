package probes

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// tcpProbe is the probe tcp.
type tcpProbe struct {
	From syntax.NodeSet    `parser:"'tcp' @@ '->'"`
	To   syntax.ServiceSet `parser:"@@"`
	patient
}

// udpProbe is the probe udp.
type udpProbe struct {
	From syntax.NodeSet    `parser:"'udp' @@ '->'"`
	To   syntax.ServiceSet `parser:"@@"`
	patient
}

const connectDoc = `A is a node, a list of nodes or ` + "`*`" + `. B is a node, an interface, an address or a
name, or a list of such places with their ports: ` + "`blue:80`, `blue:eth1:80`, `10.0.0.1:80`,\n`[fd00::1]:80`, `www.lab:80`, `<blue:80 green:8080>`, `*:80`" + `.`

// TCP is the probe tcp.
func TCP() *verb.Verb {
	return verb.Define[tcpProbe](verb.Spec{
		Name:    "tcp",
		Also:    []string{"port", "connect", "nc", "telnet"},
		Summary: "a TCP port can be connected to",
		Usage:   []string{"tcp A -> B:PORT"},
		Doc: connectDoc + `

The socket is opened inside A; a name is looked up as a program in A would. A port
that is closed is refused at once; one that is filtered, or that cannot be reached,
does not answer.`,
		Examples: []verb.Example{
			{Note: "One port is open, another is not.", Code: "ns red blue\nlink red <-> blue\nserve tcp blue:7\nexpect tcp red -> blue:7\nexpect not tcp red -> blue:8\n"},
			{Note: "Both families, from every node to every node.", Code: "auto dual\nns a b c\nbridge sw <a b c>\nserve tcp *:7\nexpect tcp * -> *:7\nexpect tcp a -> <192.168.15.2:7 [fd00:15::2]:7>\n"},
		},
	})
}

// UDP is the probe udp.
func UDP() *verb.Verb {
	return verb.Define[udpProbe](verb.Spec{
		Name:    "udp",
		Summary: "a datagram to a UDP port is answered",
		Usage:   []string{"udp A -> B:PORT"},
		Doc: connectDoc + `

One datagram is sent, and any answer is enough. To port 53 a DNS query is sent,
because name servers answer nothing else. Many UDP servers do not answer
what they do not understand: this probe cannot tell them from one that
is unreachable.`,
		Examples: []verb.Example{
			{Note: "An echo answers.", Code: "ns red blue\nlink red <-> blue\nserve udp blue:7\nexpect udp red -> blue:7\nexpect not udp red -> blue:8\n"},
		},
	})
}

// Probe connects to all places at once.
func (t *tcpProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	return t.probeServices(ctx, env, t.From, t.To, "tcp", wait)
}

// Probe asks all places at once.
func (u *udpProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	return u.probeServices(ctx, env, u.From, u.To, "udp", wait)
}

// Names reports nodes and names that never were.
func (t *tcpProbe) Names(view verb.Lab) diag.List {
	return namesOfPlaces(view, t.From, targetsIn(t.To))
}

// Names reports nodes and names that never were.
func (u *udpProbe) Names(view verb.Lab) diag.List {
	return namesOfPlaces(view, u.From, targetsIn(u.To))
}

func (pt patient) probeServices(ctx context.Context, env *verb.Env, from syntax.NodeSet, to syntax.ServiceSet, proto string, wait time.Duration) ([]verb.Answer, error) {
	places, err := servicePlaces(env, to)
	if err != nil {
		return nil, err
	}
	list, err := pt.questions(ctx, env, from, places, proto, wait)
	if err != nil {
		return nil, err
	}
	return connectTo(ctx, env, list)
}

// connectTo asks services whether they answer, all at once.
func connectTo(ctx context.Context, env *verb.Env, list []ask) ([]verb.Answer, error) {
	for i := range list {
		list[i].Payload = payload(list[i])
	}
	return connect(ctx, env, list, func(a ask, r plan.ConnectReply) verb.Answer {
		if !r.Connected {
			return unconnected(a, r)
		}
		verdict := "is open"
		if a.Proto == "udp" {
			verdict = "answers"
		}
		return verb.Answer{Subject: a.subject(), Holds: true, RTT: r.RTT, Seen: fmt.Sprintf("%s port %d of %s %s, in %s",
			a.Proto, a.to.port, a.To.Addr(), verdict, millis(r.RTT))}
	})
}

// payload is what a datagram to a port carries: for a name server the question
// for the root's own servers (RFC 1035, section 4.1; type NS, class IN), with a
// fixed ID.
func payload(a ask) []byte {
	if a.Proto == "udp" && a.to.port == 53 {
		return []byte{0x4e, 0x53, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1}
	}
	return []byte("nsl\n")
}

// Explain is netcat for each pair.
func (t *tcpProbe) Explain(view verb.Lab) []plan.Command {
	return spellConnect(view, t.From, t.To, "-z")
}

// Explain is netcat for each pair.
func (u *udpProbe) Explain(view verb.Lab) []plan.Command {
	return spellConnect(view, u.From, u.To, "-zu")
}

func spellConnect(view verb.Lab, from syntax.NodeSet, to syntax.ServiceSet, flag string) []plan.Command {
	places, err := servicePlaces(view, to)
	if err != nil {
		return nil
	}
	list, err := patient{}.questions(context.Background(), &verb.Env{Lab: view}, from, places, "", 0)
	if err != nil {
		return nil
	}
	return spelt(list, func(a ask, host string) []string {
		return []string{"nc", flag, "-w", "2", host, strconv.Itoa(a.to.port)}
	})
}
