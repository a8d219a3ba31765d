package nfread

import (
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Attributes that golang.org/x/sys does not have (<linux/netfilter/nf_tables.h>).
const (
	setName, setTable, setFlags = 2, 1, 3
	descConcat                  = 2
	fieldLen                    = 1
	elemKeyEnd                  = 10
	elemIntervalEnd, elemAny    = 1, 2
)

// sets are the sets and maps of all tables, anonymous ones included.
func (r reader) sets() (map[tableKey]map[string]plan.FilterSet, error) {
	msgs, err := r.dump(unix.NFT_MSG_GETSET, unix.NFT_MSG_NEWSET, unix.AF_UNSPEC, nil)
	if err != nil {
		return nil, err
	}
	sets := map[tableKey]map[string]plan.FilterSet{}
	for _, m := range msgs {
		as := attributesOf(m, nfgenmsg)
		key, name := tableKey{m[0], as.text(setTable)}, as.text(setName)
		set := plan.FilterSet{Intervals: as.number(setFlags)&unix.NFT_SET_INTERVAL != 0, Fields: fields(as[unix.NFTA_SET_DESC])}
		if set.Elements, err = r.elements(key, name); err != nil {
			return nil, err
		}
		if sets[key] == nil {
			sets[key] = map[string]plan.FilterSet{}
		}
		sets[key][name] = set
	}
	return sets, nil
}

// fields are the lengths of the fields of a concatenation.
func fields(desc []byte) (list []int) {
	for _, field := range rtnl.Attributes(attributesOf(desc, 0)[descConcat], 0) {
		list = append(list, attributesOf(field, 0).number(fieldLen))
	}
	return list
}

func (r reader) elements(t tableKey, set string) ([]plan.SetElement, error) {
	body := rtnl.WithAttribute(nil, unix.NFTA_SET_ELEM_LIST_TABLE, append([]byte(t.name), 0))
	body = rtnl.WithAttribute(body, unix.NFTA_SET_ELEM_LIST_SET, append([]byte(set), 0))
	msgs, err := r.dump(unix.NFT_MSG_GETSETELEM, unix.NFT_MSG_NEWSETELEM, t.family, body)
	if err != nil {
		return nil, err
	}
	var list []plan.SetElement
	for _, m := range msgs {
		for _, e := range rtnl.Attributes(attributesOf(m, nfgenmsg)[unix.NFTA_SET_ELEM_LIST_ELEMENTS], 0) {
			list = append(list, element(attributesOf(e, 0)))
		}
	}
	return list, nil
}

func element(as attributes) plan.SetElement {
	flags := as.number(unix.NFTA_SET_ELEM_FLAGS)
	e := plan.SetElement{Gap: flags&elemIntervalEnd != 0, Any: flags&elemAny != 0}
	e.Key, _ = value(as[unix.NFTA_SET_ELEM_KEY])
	if end := as[elemKeyEnd]; end != nil {
		e.End, _ = value(end)
	}
	e.Data, e.Verdict = value(as[unix.NFTA_SET_ELEM_DATA])
	return e
}

// value is a value or a verdict (NFTA_DATA_*).
func value(b []byte) ([]byte, *plan.Verdict) {
	as := attributesOf(b, 0)
	if v := as[unix.NFTA_DATA_VERDICT]; v != nil {
		verdict := verdictOf(attributesOf(v, 0))
		return nil, &verdict
	}
	return as[unix.NFTA_DATA_VALUE], nil
}

// verdictOf reads a verdict (NF_*, NFT_*; <linux/netfilter.h>).
func verdictOf(as attributes) plan.Verdict {
	kinds := map[int]string{0: "drop", 1: "accept", 3: "queue",
		unix.NFT_CONTINUE: "continue", unix.NFT_BREAK: "break", unix.NFT_JUMP: "jump", unix.NFT_GOTO: "goto", unix.NFT_RETURN: "return"}
	return plan.Verdict{Kind: kinds[as.number(unix.NFTA_VERDICT_CODE)], Chain: as.text(unix.NFTA_VERDICT_CHAIN)}
}
