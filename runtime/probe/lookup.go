package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"nsl/runtime/plan"
)

// NodeNames is what a node's own files say of names.
type NodeNames struct {
	Hosts    []plan.HostLine
	Resolver plan.Resolver
}

// dnsPort is where name servers listen (RFC 1035, section 4.2).
const dnsPort = 53

// Lookup finds the addresses of a name as the C library does it in a node: in
// /etc/hosts, then with the servers of /etc/resolv.conf one after the other
// (nsswitch.conf(5), "files dns"; resolv.conf(5)). IPv4 addresses come first.
//
// The error is ctx's, or says why a socket could not be opened. That no server knows
// the name is no error.
func Lookup(ctx context.Context, inside Inside, names NodeNames, q plan.Lookup) (plan.LookupReply, error) {
	if a, err := netip.ParseAddr(q.Name); err == nil {
		return plan.LookupReply{Addrs: []netip.Addr{a}, From: "itself"}, nil
	}
	if q.Server.IsValid() {
		return askServer(ctx, inside, q, q.Server)
	}
	if addrs := plan.LookUp(names.Hosts, q.Name); len(addrs) > 0 {
		return plan.LookupReply{Addrs: addrs, From: "/etc/hosts"}, nil
	}
	reply := plan.LookupReply{Err: "it is not in /etc/hosts, and there is no name server to ask"}
	var unheard plan.LookupReply // one who could not say
	for _, name := range candidates(q.Name, names.Resolver.Search) {
		for _, server := range names.Resolver.Servers {
			asked := q
			asked.Name = name
			var err error
			reply, err = askServer(ctx, inside, asked, netip.AddrPortFrom(server, dnsPort))
			if err != nil || len(reply.Addrs) > 0 {
				return reply, err
			}
			if reply.NoSuch {
				break // the next server would say the same
			}
			if unheard.Err == "" {
				unheard = reply
			}
		}
	}
	if unheard.Err != "" {
		return unheard, nil // that a completed name does not exist proves nothing
	}
	return reply, nil
}

// candidates are the names to ask for: a name with a dot as it is first, one
// without completed first (resolv.conf(5), ndots).
func candidates(name string, search []string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	var list []string
	for _, domain := range search {
		list = append(list, name+"."+strings.Trim(domain, ".")+".")
	}
	if strings.Contains(name, ".") {
		return append([]string{name + "."}, list...)
	}
	return append(list, name+".")
}

// askServer asks one server for both families.
func askServer(ctx context.Context, inside Inside, q plan.Lookup, server netip.AddrPort) (plan.LookupReply, error) {
	reply := plan.LookupReply{From: server.Addr().String()}
	for _, typ := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		msg, err := query(q.Name, typ)
		if err != nil {
			reply.Err = fmt.Sprintf("%q cannot be a name in the DNS", q.Name)
			return reply, nil
		}
		answer, failed, err := exchangeDNS(ctx, inside, q, server, msg)
		if err != nil || failed.Err != "" {
			reply.Err, reply.Silent, reply.TCP = failed.Err, failed.Silent, failed.TCP
			return reply, err
		}
		reply.Code = codeOf(answer.RCode)
		addrs, why := addresses(answer)
		if why != "" {
			reply.Err = why
			return reply, nil
		}
		reply.Addrs = append(reply.Addrs, addrs...)
	}
	reply.NoSuch = len(reply.Addrs) == 0
	if reply.NoSuch {
		reply.Err = fmt.Sprintf("%s knows no address of it", reply.From)
	}
	return reply, nil
}

// query is a question for the records of a type (RFC 1035, section 4.1).
func query(name string, typ dnsmessage.Type) ([]byte, error) {
	if !strings.HasSuffix(name, ".") {
		name += "."
	}
	n, err := dnsmessage.NewName(name)
	if err != nil {
		return nil, err
	}
	var id [2]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: binary.BigEndian.Uint16(id[:]), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: typ, Class: dnsmessage.ClassINET}},
	}
	return m.Pack()
}

// exchangeDNS asks over UDP, and over TCP when the answer did not fit (RFC 7766).
// Failed has what kept an answer from coming.
func exchangeDNS(ctx context.Context, inside Inside, q plan.Lookup, server netip.AddrPort, msg []byte) (m dnsmessage.Message, failed plan.LookupReply, err error) {
	fail := func(format string, args ...any) (dnsmessage.Message, plan.LookupReply, error) {
		failed.Err = fmt.Sprintf(format, args...)
		return m, failed, nil
	}
	for _, proto := range []string{"udp", "tcp"} {
		c := &call{Connect: plan.Connect{Node: q.Node, Proto: proto, To: server, Payload: msg, Wait: q.Wait}}
		answer, broken, err := c.transact(ctx, inside)
		failed.TCP = proto == "tcp"
		switch {
		case err != nil:
			return m, failed, err
		case broken.What != "":
			return fail("%s: %s", server.Addr(), broken.What)
		case answer == nil && failed.TCP:
			return fail("the answer of %s does not fit in a datagram, and TCP gets none", server.Addr())
		case answer == nil:
			failed.Silent = true
			return fail("%s does not answer", server.Addr())
		}
		if err := m.Unpack(answer); err != nil || !answers(m, msg) {
			return fail("the answer of %s is no answer to the question", server.Addr())
		}
		if !m.Truncated {
			break
		}
	}
	return m, plan.LookupReply{}, nil
}

// answers reports whether a message is the answer to a question: the same ID, name
// and type (RFC 5452, section 4.2). Names are compared without case (RFC 4343).
func answers(m dnsmessage.Message, question []byte) bool {
	var q dnsmessage.Message
	if q.Unpack(question) != nil || !m.Response || m.ID != q.ID {
		return false
	}
	if len(m.Questions) == 0 && m.RCode != dnsmessage.RCodeSuccess {
		return true // a server that could not read the question does not repeat it
	}
	return slices.EqualFunc(m.Questions, q.Questions, func(a, b dnsmessage.Question) bool {
		return a.Type == b.Type && a.Class == b.Class && strings.EqualFold(a.Name.String(), b.Name.String())
	})
}

// transact sends the payload and reads one message; over TCP both have their
// length before them (RFC 1035, section 4.2.2).
func (c *call) transact(ctx context.Context, inside Inside) (answer []byte, failed plan.PingError, err error) {
	err = inside(c.Node, func() error {
		opened, err := openCall(c.Connect)
		if err == nil {
			*c = *opened
		}
		return err
	})
	if err != nil {
		return nil, plan.PingError{}, err
	}
	defer c.close()
	if c.Proto == "tcp" {
		c.Payload = append(binary.BigEndian.AppendUint16(nil, uint16(len(c.Payload))), c.Payload...)
		c.after = (*call).message
	}
	reply := c.run(ctx)
	return c.answer, reply.Err, ctx.Err()
}

// message sends a message over TCP and reads the answer.
func (c *call) message() error {
	if _, err := c.file.Write(c.Payload); err != nil {
		return err
	}
	var size [2]byte
	if _, err := io.ReadFull(c.file, size[:]); err != nil {
		return err
	}
	answer := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(c.file, answer)
	c.answer = answer
	return err
}

// codeOf is a response code as dig(1) writes it; "" for success.
func codeOf(c dnsmessage.RCode) string {
	switch c {
	case dnsmessage.RCodeSuccess:
		return ""
	case dnsmessage.RCodeNameError:
		return "NXDOMAIN"
	case dnsmessage.RCodeServerFailure:
		return "SERVFAIL"
	}
	return strings.ToUpper(strings.TrimPrefix(c.String(), "RCode"))
}

// addresses are those in an answer, with the aliases that lead to them passed
// over. A name that does not exist has none.
func addresses(m dnsmessage.Message) (list []netip.Addr, why string) {
	switch m.RCode {
	case dnsmessage.RCodeSuccess, dnsmessage.RCodeNameError:
	default:
		return nil, "the server answers " + codeOf(m.RCode)
	}
	for _, r := range m.Answers {
		switch b := r.Body.(type) {
		case *dnsmessage.AResource:
			list = append(list, netip.AddrFrom4(b.A))
		case *dnsmessage.AAAAResource:
			list = append(list, netip.AddrFrom16(b.AAAA))
		}
	}
	return list, ""
}
