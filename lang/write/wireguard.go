package write

import (
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// newWireguard makes one with its key and port, which the next op for it has. Its peers are
// statements of their own, after those that make them.
func (w *writer) newWireguard(o plan.AddLink, text string) {
	config, ops := w.wgOf(o.Node, o.Name), []plan.Op(nil)
	if config.Port != 0 && config.Port != plan.KindOf(plan.WireGuard).Port {
		text += " port " + strconv.Itoa(config.Port)
	}
	if config.Key != plan.LabKey(plan.Ref{Node: o.Node, Link: o.Name}) {
		text += " key " + config.Key.String()
	}
	if o.MTU != 0 && o.MTU != plan.WGMTU {
		text += common(o.MTU, "")
	}
	if len(config.Peers) == 0 {
		ops = w.take(func(op plan.Op) bool { return configures(op, o.Node, o.Name) })
	}
	w.newLink(text, o.Node, o.Name)
	w.more(ops...)
}

func configures(op plan.Op, node, name string) bool {
	o, ok := op.(plan.SetWG)
	return ok && o.Node == node && o.Name == name
}

// wgOf is what an interface is configured with by an op after the one at hand.
func (w *writer) wgOf(node, name string) plan.WG {
	for _, op := range w.ops[w.at:] {
		if o, ok := op.(plan.SetWG); ok && configures(op, node, name) {
			return o.WG
		}
	}
	return plan.WG{}
}

// wireguard are the peers that change.
func (w *writer) wireguard(o plan.SetWG) {
	gone, set := o.Changes()
	var lines []string
	for _, k := range gone {
		lines = append(lines, "peer "+w.peer(k)+" remove")
	}
	for _, p := range set {
		lines = append(lines, "peer "+w.peer(p.Key)+peerWords(p))
	}
	if len(lines) == 0 {
		w.none(o)
		return
	}
	for i, l := range lines {
		text := "wireguard " + place(o.Node, o.Name) + " " + l
		if i == 0 {
			w.add(text)
		} else {
			w.lines = append(w.lines, Line{Text: text})
		}
	}
}

// peer is the interface that has a key, or the key.
func (w *writer) peer(k plan.WGKey) string {
	for _, op := range w.ops {
		if o, ok := op.(plan.SetWG); ok && o.WG.Key.Public() == k {
			return place(o.Node, o.Name)
		}
	}
	return k.String()
}

func peerWords(p plan.WGPeer) string {
	text := " endpoint none"
	if p.Endpoint.IsValid() {
		text = " endpoint " + p.Endpoint.String()
	}
	allowed := make([]string, len(p.Allowed))
	for i, a := range p.Allowed {
		allowed[i] = a.String()
	}
	text += " allowed-ips <" + strings.Join(allowed, " ") + ">"
	if p.Keepalive != 0 {
		text += " keepalive " + strconv.Itoa(p.Keepalive)
	}
	return text
}
