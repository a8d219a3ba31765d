package plan

// Effect is what an op changes, for who follows a lab without asking it, and
// in words. It leaves out routes, rules, settings and files.
type Effect struct {
	// Object names what is acted on, for messages: "red:veth-red".
	Object string
	// Nodes and Links are made. A link has what the op decides about it: its place,
	// kind, master and lower device. The ends of a cable come together.
	Nodes []string
	Links []Link
	// Gone are deleted, with all that goes with them: interfaces, and nodes (Link "").
	Gone []Ref
	// To is the new place or name of the interface From. What depends on it goes where
	// the node is another.
	From, To Ref
	// Added and Deleted are addresses.
	Added, Deleted []AddrUse
	// Unsaid: addresses come or go that are not among these.
	Unsaid bool
	// Anything may have changed: a program ran, or a node is back with all its content.
	Anything bool
	// Background is the node in which a program goes on running, which may change
	// that node at any time; "" for none.
	Background string

	// Text says, in a few words, what is so afterwards ("red:eth0 mtu 1400") or,
	// with Lost, what is no more ("red:eth0"). It is "" where Nodes and Links say
	// it, and for what is of no interest. Lost is set for all that is deleted.
	Text string
	Lost bool
	// Of is the interface that Text is about, if it is about one.
	Of Ref
}

// GoneNode is the node that the op deletes, or "".
func (e Effect) GoneNode() string {
	for _, r := range e.Gone {
		if r.Link == "" {
			return r.Node
		}
	}
	return ""
}

// about is the effect of a change to an interface that goes on to be there.
func about(node, link, text string) Effect {
	at := Place(node, link)
	return Effect{Object: at, Of: Ref{node, link}, Text: at + " " + text}
}

// moved is the effect of a new place or name.
func moved(from, to Ref) Effect {
	return Effect{Object: from.String(), From: from, To: to, Of: from, Text: from.String() + " -> " + to.String()}
}

// given is the effect of what changes no names and no addresses, and lost that of
// its deletion.
func given(object string) Effect { return Effect{Object: object, Text: object} }
func lost(object string) Effect  { return Effect{Object: object, Text: object, Lost: true} }
