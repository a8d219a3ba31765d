package stdlib

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Sysctl is the statement sysctl.
type Sysctl struct {
	Node     syntax.NodeRef   `parser:"'sysctl' @@"`
	Settings []syntax.Setting `parser:"@@+"`
}

func sysctlVerb() *verb.Verb {
	return verb.Define[Sysctl](verb.Spec{
		Name:    "sysctl",
		Group:   verb.Building,
		Summary: "change kernel settings of a node",
		Usage:   []string{"sysctl NODE KEY=VALUE…"},
		Doc: `KEY is the name that sysctl(8) uses, below ` + "`net.`" + `; these settings are each node's
own. A dot inside an interface's name is written as a slash:
` + "`net.ipv4.conf.eth0/10.rp_filter=1`" + `. A value of several words stands in quotes:
` + "`'net.ipv4.ip_local_port_range=1024 2048'`" + `.`,
		Examples: []verb.Example{
			{Note: "A node that answers no echo requests.", Code: "ns red blue\nlink red <-> blue\nsysctl blue net.ipv4.icmp_echo_ignore_all=1\nexpect not ping red -> blue\n"},
			{Note: "Two at once.", Code: "ns r1\nsysctl r1 net.ipv4.ip_forward=1 'net.ipv4.ip_local_port_range=1024 2048'\nexpect sysctl r1 net.ipv4.ip_forward=1\nexpect sysctl r1 'net.ipv4.ip_local_port_range=1024 2048'\n"},
		},
	})
}

// Plan writes the settings that have another value.
func (s *Sysctl) Plan(p *verb.Plan) {
	node, ok := p.Node(s.Node)
	if !ok {
		return
	}
	written := map[string]string{}
	for _, word := range s.Settings {
		key, value := word.Split()
		was, again := written[key]
		if !again {
			var err error
			if was, err = p.Sysctl(node, key); err != nil && !p.Uncertain() {
				p.Fail(sysctlProblem(p, word, node, err))
				continue
			}
		}
		if isNumber(was) && !isNumber(value) {
			p.Fail(diag.Errorf(diag.BadSetting, word.Span, "%s takes a number, not %q", key, value).
				WithHelp("in %s it is %s now", node, was))
			continue
		}
		if written[key] = value; !sameValue(was, value) {
			p.Do(word.Span, plan.SetSysctl{Node: node, Key: key, Value: value, Was: was})
		}
	}
}

// isNumber reports whether the kernel reads a value as one number.
func isNumber(s string) bool {
	_, err := strconv.ParseInt(strings.TrimSpace(s), 0, 64)
	return err == nil
}

// sameValue compares values as the kernel reads them: by their words.
func sameValue(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// sysctlProblem is the finding that a setting cannot be read.
func sysctlProblem(lab verb.Lab, word syntax.Setting, node string, err error) *diag.Diagnostic {
	key, _ := word.Split()
	if !errors.Is(err, plan.ErrNoSysctl) {
		return diag.Errorf(diag.KernelRefused, word.Span, "%s cannot be read in %s: %v", key, node, err)
	}
	d := diag.Errorf(diag.UnknownKey, word.Span, "%s has no setting %s", node, key)
	if near := diag.DidYouMean(strings.ReplaceAll(key, "/", "."), keysOf(lab, node)); near != "" {
		return d.WithHelp("%s", near)
	}
	return d.WithHelp("list them with: exec %s sysctl -a\nsome settings are the machine's, and no node has them", node)
}

// keysOf are well-known settings, and those of a node's interfaces.
func keysOf(lab verb.Lab, node string) []string {
	scopes := []string{"all", "default"}
	links, _ := lab.Links(node)
	for _, l := range links {
		scopes = append(scopes, strings.ReplaceAll(l.Name, ".", "/"))
	}
	keys := []string{"net.ipv4.icmp_echo_ignore_all", "net.ipv4.icmp_echo_ignore_broadcasts",
		"net.ipv4.ip_default_ttl", "net.ipv4.ip_local_port_range", "net.ipv4.ping_group_range",
		"net.ipv4.tcp_syncookies", "net.ipv4.ip_unprivileged_port_start"}
	for _, s := range plan.BaselineSettings() {
		before, leaf, found := strings.Cut(s.Key, ".conf.all.")
		if !found {
			keys = append(keys, s.Key)
			continue
		}
		for _, scope := range scopes {
			keys = append(keys, before+".conf."+scope+"."+leaf)
		}
	}
	return keys
}
