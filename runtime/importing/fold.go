package importing

import (
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// item is a line of a lab, with the statement that it is.
type item struct {
	owner
	text string
}

// folded are the lines of a lab in fewer statements, where several are what one does. The
// statements come earlier or later than the commands did: the run shows whether that
// makes a difference.
func folded(items []item) []item {
	items = foldDowns(foldBaseline(items))
	for i := 0; i < len(items); i++ {
		if c, ok := cableAt(items, i); ok {
			items = c.fold(items)
		}
	}
	return foldNodes(foldUps(items))
}

// foldUps leaves out what sets an interface up that is up already.
func foldUps(items []item) []item {
	up := map[string]bool{}
	return slices.DeleteFunc(items, func(it item) bool {
		w := strings.Fields(it.text)
		switch {
		case len(w) < 2:
		case w[0] == "ns":
			for _, n := range w[1:] {
				up[n+":"+plan.Loopback] = true
			}
		case w[0] == "link" || w[0] == "bridge":
			for _, place := range w[1:] {
				up[strings.TrimPrefix(place, plan.Host+":")] = true
			}
		case w[0] == "up" && len(w) == 2:
			was := up[w[1]]
			up[w[1]] = true
			return was
		case slices.Contains([]string{"delete", "rename", "move", "down"}, w[0]):
			clear(up)
		}
		return false
	})
}

// foldBaseline leaves out the settings that every node begins with (nsl explain writes
// them), and that the host's loopback is up.
func foldBaseline(items []item) []item {
	written := map[string]bool{}
	return slices.DeleteFunc(items, func(it item) bool {
		w := strings.Fields(it.text)
		switch {
		case it.text == "up lo":
			return !written["down lo"]
		case it.text == "down lo":
			written["down lo"] = true
		case len(w) > 2 && w[0] == "sysctl":
			again := false
			for _, assignment := range w[2:] {
				key, _, _ := strings.Cut(assignment, "=")
				again = again || written[w[1]+" "+key]
				written[w[1]+" "+key] = true
			}
			return !again && !slices.ContainsFunc(w[2:], notBaseline)
		}
		return false
	})
}

// notBaseline reports an assignment that gives a setting another value than nodes begin with.
func notBaseline(assignment string) bool {
	key, value, _ := strings.Cut(assignment, "=")
	if strings.HasPrefix(key, "net.bridge.bridge-nf-call-") && value == "0" {
		return false // bridge writes them
	}
	return !slices.ContainsFunc(plan.BaselineSettings(), func(s plan.Setting) bool { return s.Key == key && s.Value == value })
}

// foldDowns leaves what a statement makes up, as nsl does, where it is set up later.
func foldDowns(items []item) []item {
	for i := 1; i < len(items); i++ {
		place, is := strings.CutPrefix(items[i].text, "down ")
		if !is || items[i].step == noStep || items[i-1].step != items[i].step {
			continue
		}
		if up := setUp(items[i+1:], place); up >= 0 {
			items = slices.Delete(items, i+1+up, i+2+up)
			items = slices.Delete(items, i, i+1)
			i--
		}
	}
	return items
}

// setUp is the item that sets an interface up, before anything else happens to it or to
// its node; -1 for none.
func setUp(items []item, place string) int {
	node, _, _ := strings.Cut(place, ":")
	for i, it := range items {
		w := strings.Fields(it.text)
		switch {
		case it.text == "up "+place:
			return i
		case len(w) > 1 && slices.Contains([]string{"delete", "rename", "move", "down"}, w[0]) && (slices.Contains(w[1:], place) || slices.Contains(w[1:], node)):
			return -1
		}
	}
	return -1
}

// foldNodes makes one statement of nodes that are made one after the other.
func foldNodes(items []item) []item {
	for i := 0; i+1 < len(items); {
		next, is := strings.CutPrefix(items[i+1].text, "ns ")
		if is && strings.HasPrefix(items[i].text, "ns ") && len(items[i].text)+len(next) < maxLine {
			items[i].text += " " + next
			items = slices.Delete(items, i+1, i+2)
			continue
		}
		i++
	}
	return items
}

const maxLine = 90

// cable is a veth statement with what is done to its ends afterwards.
type cable struct {
	at      int
	options string
	ends    [2]cableEnd
	// last is the last of the moves.
	last int
}

// cableEnd is an end of a cable; indexes are of items, 0 for none.
type cableEnd struct {
	place    string
	addr     string
	addrAt   int
	up       int
	moves    []int
	finished bool
}

func cableAt(items []item, i int) (c cable, ok bool) {
	w := strings.Fields(items[i].text)
	if len(w) < 4 || w[0] != "veth" || w[2] != "<->" {
		return c, false
	}
	c.at, c.last, c.options = i, i, strings.Join(w[4:], " ")
	c.ends[0].place, c.ends[1].place = w[1], w[3]
	for j := i + 1; j < len(items); j++ {
		for e := range c.ends {
			c.ends[e].follow(items[j].text, j)
		}
	}
	for _, e := range c.ends {
		for _, m := range e.moves {
			c.last = max(c.last, m)
		}
	}
	return c, true
}

// follow notes what a statement does to the end.
func (e *cableEnd) follow(text string, at int) {
	w := strings.Fields(text)
	if len(w) < 2 || e.finished || w[1] != e.place {
		return
	}
	switch {
	case w[0] == "move" && len(w) == 4 && e.up == 0:
		_, name, found := strings.Cut(e.place, ":")
		if !found {
			name = e.place
		}
		e.place, e.moves = plan.Place(w[3], name), append(e.moves, at)
	case w[0] == "addr" && len(w) == 3 && e.addrAt == 0:
		e.addr, e.addrAt = w[2], at
	case w[0] == "up" && len(w) == 2 && e.up == 0:
		e.up = at
	case slices.Contains([]string{"rename", "move", "delete", "down", "del"}, w[0]):
		e.finished = true
	}
}

// fold writes the cable as link where both ends are set up, or as veth between the nodes.
func (c cable) fold(items []item) []item {
	a, b := c.ends[0], c.ends[1]
	text := "veth " + a.place + " <-> " + b.place
	gone := append(slices.Clone(a.moves), b.moves...)
	if a.up > 0 && b.up > 0 {
		gone = append(gone, a.up, b.up)
		text = "link " + a.inLink()
		addressed := a.addrAt > 0 && b.addrAt > 0
		if addressed {
			text += " " + a.addr + " <-> " + b.inLink() + " " + b.addr
			gone = append(gone, a.addrAt, b.addrAt)
		} else {
			text += " <-> " + b.inLink() + " noaddr"
		}
	}
	if c.options != "" {
		text += " " + c.options
	}
	out := slices.Clone(items[:c.at])
	for i := c.at; i < len(items); i++ {
		switch {
		case i == c.last:
			out = append(out, item{items[c.at].owner, text})
		case i != c.at && !slices.Contains(gone, i):
			out = append(out, items[i])
		}
	}
	return out
}

// inLink is the end as link has it, for which a name alone is that of a node.
func (e cableEnd) inLink() string {
	if strings.Contains(e.place, ":") {
		return e.place
	}
	return plan.Host + ":" + e.place
}
