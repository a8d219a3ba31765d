package plan

// Ruleset is all of a node's packet filter, whoever made it: nftables (nft(8)),
// and the tables of iptables-legacy(8) and ip6tables-legacy(8).
type Ruleset struct {
	Tables []FilterTable
	// Policies are those of IPsec, the first that is about a packet first.
	Policies []IPsecPolicy
}

// FilterTable is one table with its chains and sets.
type FilterTable struct {
	// Family is "ip", "ip6", "inet", "arp", "bridge" or "netdev".
	Family, Name string
	// Program is what made the table: [NftProgram], "iptables" or "ip6tables".
	Program string
	Chains  []FilterChain
	Sets    map[string]FilterSet
}

// FilterChain is a chain with its rules. A base chain has a Hook; others are jumped to.
type FilterChain struct {
	Name, Type, Hook string
	Priority         int
	// Devices are the interfaces of a base chain of family netdev, or of hook ingress.
	Devices []string
	// Drops: what no rule decides about is dropped (policy drop).
	Drops bool
	Rules []FilterRule
}

// FilterSet is a named or anonymous set, or a map from keys to data or verdicts.
type FilterSet struct {
	// Intervals: the elements without an End begin an interval, or a gap.
	Intervals bool
	// Fields are the lengths of a concatenation's fields in bytes, or nil.
	Fields   []int
	Elements []SetElement
}

// SetElement is one element of a set. Data and Verdict are a map's.
type SetElement struct {
	Key []byte
	// End is the last key of a range, nil for one key.
	End  []byte
	Data []byte
	// Gap: from here on keys are not in the set; Any: it holds for every other key.
	Gap, Any bool
	Verdict  *Verdict
}

// FilterRule is a rule: expressions that are carried out from the first to the last,
// until one does not match or gives a verdict.
type FilterRule struct {
	Comment string
	Exprs   []FilterExpr
}

// FilterExpr is an expression of a rule, as nft(8) shows with --debug=netlink. Src
// and Dst are registers: places in a file of [RegisterFile] bytes. The union is sealed.
type FilterExpr interface{ filterExpr() }

// RegisterFile is the size of all registers in bytes: that of the verdict, and 16 of
// four bytes each, in the order of the kernel (NFT_REG_*, <linux/netfilter/
// nf_tables.h>).
const RegisterFile = 80

type (
	// Payload reads Len bytes of a packet. Base is "link", "network", "transport" or "inner".
	Payload struct {
		Base             string
		Offset, Len, Dst int
	}
	// MetaKey reads what is known of a packet besides its bytes; Key as nft(8) has it.
	MetaKey struct {
		Key string
		Dst int
	}
	// SetMeta changes it.
	SetMeta struct {
		Key string
		Src int
	}
	// CtKey reads what connection tracking knows; Reply asks for the other direction.
	CtKey struct {
		Key   string
		Reply bool
		Dst   int
	}
	// Compare ends the rule unless it holds. Op is "", "!=", "<", "<=", ">" or ">=".
	Compare struct {
		Op   string
		Src  int
		Data []byte
	}
	// Between ends the rule unless the value is From to To, or is not, with Not.
	Between struct {
		Not      bool
		Src      int
		From, To []byte
	}
	// Bitwise is Dst = Src & Mask ^ Xor.
	Bitwise struct {
		Src, Dst  int
		Mask, Xor []byte
	}
	// ByteOrder turns Len bytes round in words of Size bytes.
	ByteOrder struct{ Src, Dst, Len, Size int }
	// Member ends the rule unless the value is in a set. Maps: Dst gets the data, or
	// the verdict is the element's where Dst is 0.
	Member struct {
		Set      string
		Src, Dst int
		Maps     bool
		Not      bool
	}
	// Immediate puts a value into a register.
	Immediate struct {
		Dst  int
		Data []byte
	}
	// Verdict ends the rule. Kind is "accept", "drop", "continue", "return", "jump" or
	// "goto"; Chain is where to.
	Verdict struct{ Kind, Chain string }
	// Reject drops and answers: with a TCP reset, or an ICMP error. With is which one, as
	// nft(8) has it, "" for the usual one: "icmp type admin-prohibited".
	Reject struct {
		Reset bool
		With  string
	}
	// Translate changes an address and port; the registers are 0 for none. Kind is
	// "snat", "dnat", "masquerade" or "redirect".
	Translate struct {
		Kind       string
		Addr, Port int
	}
	// Fib asks where an address leads. Result is "type", "oif" or "oifname"; Source
	// asks for the source address; Back, whether the answer is the interface that the
	// packet came in by; Exists, whether there is one.
	Fib struct {
		Result               string
		Source, Back, Exists bool
		Dst                  int
	}
	// SetPayload writes Len bytes into a packet, at a place as [Payload] has it.
	SetPayload struct {
		Base             string
		Offset, Len, Src int
	}
	// NoTrack takes the packet out of connection tracking.
	NoTrack struct{}
	// SetCt changes what connection tracking knows.
	SetCt struct {
		Key string
		Src int
	}
	// Effectless has no influence on the packet's fate: a counter, a log. Text is how
	// nft(8) has it, "" for what is not worth a word; %s in it are the fields that were
	// read before.
	Effectless struct{ Name, Text string }
	// Opaque is one whose result depends on more than is known here: a limit, a quota,
	// or an expression that is not understood. Text is how nft(8) has it, "" where that is
	// its name; Reads says that what it reads is compared by what comes next.
	Opaque struct {
		Name, Text string
		Reads      bool
	}
	// XtMatch and XtTarget are extensions of iptables(8).
	XtMatch struct {
		Name     string
		Revision int
		Data     []byte
	}
	// XtTarget is a target of iptables(8) that is no verdict and no jump.
	XtTarget struct {
		Name     string
		Revision int
		Data     []byte
	}
)

func (Payload) filterExpr()    {}
func (MetaKey) filterExpr()    {}
func (SetMeta) filterExpr()    {}
func (CtKey) filterExpr()      {}
func (Compare) filterExpr()    {}
func (Between) filterExpr()    {}
func (Bitwise) filterExpr()    {}
func (ByteOrder) filterExpr()  {}
func (Member) filterExpr()     {}
func (Immediate) filterExpr()  {}
func (Verdict) filterExpr()    {}
func (Reject) filterExpr()     {}
func (Translate) filterExpr()  {}
func (Fib) filterExpr()        {}
func (SetPayload) filterExpr() {}
func (NoTrack) filterExpr()    {}
func (SetCt) filterExpr()      {}
func (Effectless) filterExpr() {}
func (Opaque) filterExpr()     {}
func (XtMatch) filterExpr()    {}
func (XtTarget) filterExpr()   {}

// NftProgram is the name of nft(8).
const NftProgram = "nft"
