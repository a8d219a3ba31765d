package plan

// Qdisc is a queueing discipline of an interface, or a class or a filter of one (tc(8)).
type Qdisc struct {
	Dev string
	// Kind is the kernel's word: "pfifo", "tbf", "netem", "ingress", …; that of a filter
	// is its classifier's.
	Kind string
	// Ingress: it is for what comes in; Root: for all that goes out; Filter: it is a
	// filter.
	Ingress, Root, Filter bool
	// Limit is how much the queue holds: packets of a pfifo, bytes of a bfifo or tbf.
	Limit int
	// Burst is the largest packet that a tbf lets pass, in bytes, with the link's header.
	Burst int
	// Rate is in bytes a second; 0 is none.
	Rate uint64
	// Loss is the part of all packets that a netem loses, 1 for all.
	Loss float64
	// Dropped is the number of packets that it has dropped so far.
	Dropped uint32
}
