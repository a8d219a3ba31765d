package nfmsg

import (
	"encoding/binary"
)

// Attributes of tables, chains, rules and expressions (enum nft_*_attributes,
// <linux/netfilter/nf_tables.h>).
const (
	TableName      = 1
	TableFlags     = 2
	ChainTable     = 1
	ChainName      = 3
	ChainHook      = 4
	ChainPolicy    = 5
	ChainType      = 7
	ChainCounter   = 8
	ChainFlags     = 10
	HookNumber     = 1
	HookPriority   = 2
	RuleTable      = 1
	RuleChain      = 2
	RuleExprs      = 4
	RuleUserData   = 7
	ListElement    = 1
	ExprName       = 1
	ExprData       = 2
	DataValue      = 1
	DataVerdict    = 2
	VerdictCode    = 1
	VerdictChain   = 2
	CounterBytes   = 1
	CounterPackets = 2
)

// Messages (enum nf_tables_msg_types).
const (
	NewTable     = 0
	NewChain     = 3
	NewRule      = 6
	NewSet       = 9
	NewElements  = 12
	NewObject    = 18
	NewFlowTable = 22
)

// Keys of meta.
const (
	MetaMark    = 3
	MetaIIfName = 6
	MetaOIfName = 7
	MetaNFProto = 15
	MetaL4Proto = 16
)

// Comparisons (enum nft_cmp_ops).
const (
	Equal    = 0
	NotEqual = 1
	Less     = 2
	AtMost   = 3
	More     = 4
	AtLeast  = 5
)

// Bases of payload.
const (
	NetworkHeader   = 1
	TransportHeader = 2
)

// Codes of verdicts (<linux/netfilter.h>, enum nft_verdicts).
const (
	Drop     = 0
	Accept   = 1
	Continue = -1
	Jump     = -3
	GoTo     = -4
	Return   = -5
)

// Exprs are expressions of a rule, in the form in which the kernel has them.
type Exprs []byte

// Add adds an expression.
func (e Exprs) Add(name string, data Attrs) Exprs {
	return Exprs(Attrs(e).Put(ListElement, Attrs(nil).Text(ExprName, name).Put(ExprData, data)))
}

// Meta loads what is known of the packet to register 1, as all that loads does.
func (e Exprs) Meta(key uint32) Exprs { return e.Add("meta", Attrs(nil).Number(2, key).Number(1, 1)) }

// Ct loads what is known of the connection.
func (e Exprs) Ct(key uint32) Exprs { return e.Add("ct", Attrs(nil).Number(1, 1).Number(2, key)) }

// Payload loads bytes of a header.
func (e Exprs) Payload(base, offset, size uint32) Exprs {
	return e.Add("payload", Attrs(nil).Number(1, 1).Number(2, base).Number(3, offset).Number(4, size))
}

// Compare compares register 1.
func (e Exprs) Compare(op uint32, data []byte) Exprs {
	return e.Add("cmp", Attrs(nil).Number(1, 1).Number(2, op).Value(3, data))
}

// Mask leaves the bits of a mask in register 1.
func (e Exprs) Mask(mask []byte) Exprs {
	return e.Add("bitwise", Attrs(nil).Number(1, 1).Number(2, 1).Number(3, uint32(len(mask))).Number(6, 0).
		Value(4, mask).Value(5, make([]byte, len(mask))))
}

// Between compares register 1 with a range.
func (e Exprs) Between(op uint32, from, to []byte) Exprs {
	return e.Add("range", Attrs(nil).Number(1, 1).Number(2, op).Value(3, from).Value(4, to))
}

// Counter counts packets and bytes, from zero on.
func (e Exprs) Counter() Exprs {
	return e.Add("counter", Attrs(nil).Long(CounterBytes, 0).Long(CounterPackets, 0))
}

// Load writes a value to a register.
func (e Exprs) Load(register uint32, value []byte) Exprs {
	return e.Add("immediate", Attrs(nil).Number(1, register).Value(2, value))
}

// Verdict ends the chain, or leads to another.
func (e Exprs) Verdict(code int32, chain string) Exprs {
	return e.Add("immediate", Attrs(nil).Number(1, 0).Put(2, Verdict(code, chain)))
}

// Verdict is a verdict as data.
func Verdict(code int32, chain string) Attrs {
	v := Attrs(nil).Number(VerdictCode, uint32(code))
	if chain != "" {
		v = v.Text(VerdictChain, chain)
	}
	return Attrs(nil).Put(DataVerdict, v)
}

// Extension is a match or target of xtables: its data are a structure of the kernel, whose
// size is a multiple of 8 (XT_ALIGN).
func (e Exprs) Extension(kind, name string, revision uint32, data []byte) Exprs {
	for len(data)%8 != 0 {
		data = append(data, 0)
	}
	return e.Add(kind, Attrs(nil).Text(1, name).Number(2, revision).Put(3, data))
}

// Native32 is a number in the order of the machine.
func Native32(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

// CompareOp is that of a comparison that may be turned round.
func CompareOp(not bool) uint32 {
	if not {
		return NotEqual
	}
	return Equal
}
