package xtables

import (
	"encoding/binary"

	"nsl/runtime/nfmsg"
)

func port(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }

func (t *table) message(e nfmsg.Exprs) nfmsg.Message {
	return nfmsg.Message{Kind: nfmsg.NewRule, Body: t.head().Text(nfmsg.RuleTable, t.command.Table).Text(nfmsg.RuleChain, t.command.Chain).
		Put(nfmsg.RuleExprs, nfmsg.Attrs(e))}
}
