package routes

import (
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// sysctl is the statement sysctl.
type sysctl struct {
	Nodes    []syntax.NodeRef `parser:"'sysctl' ( '<' @@* '>' | @@ )"`
	Settings []syntax.Setting `parser:"@@+"`
}

// Sysctl is the verb sysctl.
func Sysctl() *verb.Verb {
	return verb.Define[sysctl](verb.Spec{
		Name:    "sysctl",
		Summary: "change kernel settings of a node",
		Usage:   []string{"sysctl NODE|<NODE…> KEY=VALUE…"},
		Doc: `KEY is the name that sysctl(8) uses, below ` + "`net.`" + `; these settings are each node's
own. A dot inside an interface's name is written as a slash:
` + "`net.ipv4.conf.eth0/10.rp_filter=1`" + `. A value of several words is quoted:
` + "`'net.ipv4.ip_local_port_range=1024 2048'`" + `.`,
		Examples: []verb.Example{
			{Note: "A node that answers no echo requests.", Code: "ns red blue\nlink red <-> blue\nsysctl blue net.ipv4.icmp_echo_ignore_all=1\nexpect not ping red -> blue\n"},
			{Note: "The same in two nodes.", Code: "ns r1 r2\nsysctl <r1 r2> net.ipv4.conf.all.rp_filter=1\nexpect sysctl r2 net.ipv4.conf.all.rp_filter=1\n"},
			{Note: "Two at once.", Code: "ns r1\nsysctl r1 net.ipv4.ip_forward=1 'net.ipv4.ip_local_port_range=1024 2048'\nexpect sysctl r1 net.ipv4.ip_forward=1\nexpect sysctl r1 'net.ipv4.ip_local_port_range=1024 2048'\n"},
		},
	})
}

// Check finds settings that the kernel would refuse in every node.
func (s *sysctl) Check() diag.List {
	var list diag.List
	for _, word := range s.Settings {
		if !word.Dynamic && word.Problem() == nil {
			list.Add(unsettable(word))
		}
	}
	return list
}

// Plan writes the settings that have another value.
func (s *sysctl) Plan(p *verb.Plan) {
	for _, node := range lab.Named(p, s.Nodes) {
		s.write(p, node)
	}
}

func (s *sysctl) write(p *verb.Plan, node string) {
	written := map[string]string{}
	for _, word := range s.Settings {
		key, value := word.Split()
		was, again := written[key]
		if !again {
			var err error
			if was, err = p.Sysctl(node, key); err != nil && !p.Uncertain() {
				p.Fail(lab.SysctlProblem(p, word, node, err))
				continue
			}
		}
		if isNumber(was) && !isNumber(value) {
			p.Fail(diag.Errorf(diag.BadSetting, word.Span, "%s takes a number, not %q", key, value).
				WithHelp("in %s it is %s now", node, was))
			continue
		}
		if written[key] = value; !lab.SameValue(was, value) {
			p.Do(word.Span, plan.SetSysctl{Node: node, Key: key, Value: value, Was: was})
		}
	}
}

// isNumber reports whether the kernel reads a value as one number.
func isNumber(s string) bool {
	_, err := strconv.ParseInt(strings.TrimSpace(s), 0, 64)
	return err == nil
}
