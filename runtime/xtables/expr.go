package xtables

import (
	"encoding/binary"
)

// Attributes of tables, chains, rules and expressions (enum nft_*_attributes,
// <linux/netfilter/nf_tables.h>).
const (
	tableName, tableFlags                                                  = 1, 2
	chainTable, chainName, chainHook, chainPolicy, chainType, chainCounter = 1, 3, 4, 5, 7, 8
	chainFlags                                                             = 10
	hookNumber, hookPriority                                               = 1, 2
	ruleTable, ruleChain, ruleExprs                                        = 1, 2, 4
	listElement, exprName, exprData                                        = 1, 1, 2
	dataValue, dataVerdict, verdictCode, verdictChain                      = 1, 2, 1, 2
	counterBytes, counterPackets                                           = 1, 2
)

// Messages (enum nf_tables_msg_types).
const msgTable, msgChain, msgRule = 0, 3, 6

// Keys of meta, comparisons and bases of payload.
const (
	metaMark, metaIIfName, metaOIfName, metaL4Proto = 3, 6, 7, 16
	equal, notEqual, atMost                         = 0, 1, 3
	networkHeader, transportHeader                  = 1, 2
)

// Codes of verdicts (<linux/netfilter.h>, enum nft_verdicts).
const drop, accept, jump, goTo, back = 0, 1, -3, -4, -5

// exprs are expressions of a rule, in the form in which the kernel has them.
type exprs attrs

func (e exprs) add(name string, data attrs) exprs {
	return exprs(attrs(e).put(listElement, attrs(nil).text(exprName, name).put(exprData, data)))
}

func (e exprs) meta(key uint32) exprs { return e.add("meta", attrs(nil).number(2, key).number(1, 1)) }

func (e exprs) cmp(op uint32, data []byte) exprs {
	return e.add("cmp", attrs(nil).number(1, 1).number(2, op).value(3, data))
}

func (e exprs) payload(base, offset, size uint32) exprs {
	return e.add("payload", attrs(nil).number(1, 1).number(2, base).number(3, offset).number(4, size))
}

func (e exprs) mask(mask []byte) exprs {
	return e.add("bitwise", attrs(nil).number(1, 1).number(2, 1).number(3, uint32(len(mask))).number(6, 0).
		value(4, mask).value(5, make([]byte, len(mask))))
}

func (e exprs) between(op uint32, from, to []byte) exprs {
	return e.add("range", attrs(nil).number(1, 1).number(2, op).value(3, from).value(4, to))
}

func (e exprs) counter() exprs {
	return e.add("counter", attrs(nil).long(counterBytes, 0).long(counterPackets, 0))
}

func (e exprs) verdict(code int32, chain string) exprs {
	v := attrs(nil).number(verdictCode, uint32(code))
	if chain != "" {
		v = v.text(verdictChain, chain)
	}
	return e.add("immediate", attrs(nil).number(1, 0).put(2, attrs(nil).put(dataVerdict, v)))
}

// extension is a match or target of xtables: its data are a structure of the kernel, whose
// size is a multiple of 8 (XT_ALIGN).
func (e exprs) extension(kind, name string, revision uint32, data []byte) exprs {
	for len(data)%8 != 0 {
		data = append(data, 0)
	}
	return e.add(kind, attrs(nil).text(1, name).number(2, revision).put(3, data))
}

func native32(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

func port(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }

// compareOp is that of a comparison that may be turned round.
func compareOp(not bool) uint32 {
	if not {
		return notEqual
	}
	return equal
}
