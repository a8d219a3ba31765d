package plan

// View answers questions about a lab. The kernel answers them afresh each
// time; a model answers them for the checker. Unknown names give errors that
// are [ErrNoNode] or [ErrNoLink].
type View interface {
	// Nodes are the names of the namespaces, sorted, without the host.
	Nodes() ([]string, error)
	// HasNode reports whether a namespace of that name is there; the host is.
	HasNode(name string) (bool, error)
	// Links are the interfaces of a node by index, loopback included.
	Links(node string) ([]Link, error)
	// Link is one interface of a node.
	Link(node, name string) (Link, error)
	// Peer is the other end of a veth cable; ErrNoLink when it has none in the lab.
	Peer(node, link string) (Ref, error)
	// Routes are the routes of both families and all tables but local.
	Routes(node string) ([]Route, error)
	// RouteTo is what the node's kernel would do with a packet: its destination
	// is the address itself, its Kind "local" for an address of the node, and Src
	// the source that a packet of the node's own gets if it has none. A refusal is
	// the kernel's: syscall.ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL. An IPv4
	// packet that came in is refused with EHOSTUNREACH where its interface does
	// not forward, and with EINVAL where its source cannot be (rp_filter,
	// accept_local).
	RouteTo(node string, q RouteQuery) (Route, error)
	// Rules are the policy rules of both families but the kernel's own three.
	Rules(node string) ([]Rule, error)
	// Neighbours is the neighbour table of a node, both families.
	Neighbours(node string) ([]Neighbour, error)
	// Forwarding are the forwarding databases of a node's bridges and vxlans.
	Forwarding(node string) ([]ForwardEntry, error)
	// Sysctl is the value of a setting, white space at its end removed;
	// ErrNoSysctl where the kernel has none of that key.
	Sysctl(node, key string) (string, error)
	// Settings are the settings that each interface of a node has, with those of
	// "all" and "default", as far as they can be written: the keys are paths
	// (net/ipv4/conf/eth0/rp_filter).
	Settings(node string) ([]Setting, error)
	// Nft is the lab's table in a node, without what its rules have counted, and
	// CountedNft with it. What is returned is the caller's.
	Nft(node string) (NftState, error)
	CountedNft(node string) (NftState, error)
	// Ruleset is all of a node's packet filter, the lab's table and those of others, and
	// its IPsec policies.
	Ruleset(node string) (Ruleset, error)
	// Tables are the tables of nftables of a node, as the kernel describes them: items of
	// kind [TableItem].
	Tables(node string) ([]Item, error)
	// Qdiscs are the queueing disciplines and their filters of a node's interfaces, but
	// those that do nothing (noqueue).
	Qdiscs(node string) ([]Qdisc, error)
	// Connections are the entries of a node's connection tracking, sorted.
	Connections(node string) ([]Connection, error)
	// Services are what nsl started in a node and did not stop, in the order it
	// was started; those that ended of their own accord are among them.
	Services(node string) ([]Running, error)
	// Names are the names that a node was given beside its own.
	Names(node string) ([]string, error)
	// Resolver is what a node's /etc/resolv.conf says.
	Resolver(node string) (Resolver, error)
	// Sockets are the sockets of a node that wait for others: listening TCP and
	// open UDP ones.
	Sockets(node string) ([]Socket, error)
	// Processes are the programs that run in a node, by their PIDs.
	Processes(node string) ([]Process, error)
}

// CountLinks is how many interfaces a lab has, without loopbacks.
func CountLinks(v View) (n int, err error) {
	nodes, err := AllNodes(v)
	if err != nil {
		return 0, err
	}
	for _, node := range nodes {
		links, err := v.Links(node)
		if err != nil {
			return 0, err
		}
		for _, l := range links {
			if l.Name != "lo" {
				n++
			}
		}
	}
	return n, nil
}

// AllNodes are the host and the nodes of a lab.
func AllNodes(v View) ([]string, error) {
	nodes, err := v.Nodes()
	return append([]string{Host}, nodes...), err
}

// Concurrent is a view that several goroutines may ask at the same time.
type Concurrent interface{ Concurrent() }
