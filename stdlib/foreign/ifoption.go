package foreign

import (
	"strconv"
	"strings"
	"time"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// ifOptions are the options of nsl's statement option that a command sets.
type ifOptions []string

// add adds an option by the word that ip-link(8) has for it and its value there; false
// for what nsl has no option for.
func (l *ifOptions) add(of, name, value string) bool {
	if other := map[string]string{"txqlen": "txqueuelen", "qlen": "txqueuelen"}[name]; other != "" {
		name = other
	}
	for _, o := range plan.AllIfOptions() {
		if o.Word == name && o.Of == of {
			text, ok := optionValue(o, value)
			*l = append(*l, o.Name, text)
			return ok
		}
	}
	return false
}

// optionValue is a value in nsl's words: ip has 0 and 1 for on and off, and hundredths of
// a second.
func optionValue(o plan.IfOption, value string) (string, bool) {
	n, err := strconv.Atoi(value)
	switch {
	case o.IsFlag() && (value == "1" || value == plan.On):
		return plan.On, true
	case o.IsFlag():
		return plan.Off, value == "0" || value == plan.Off
	case o.IsTime():
		t := time.Duration(n) * plan.Hundredth
		return t.String(), err == nil && t%(100*time.Millisecond) == 0 && n >= o.Min && n <= o.Max
	case o.IsNumber():
		return value, err == nil && n >= o.Min && n <= o.Max
	}
	return syntax.Spell(value), true
}

// words are the options of any interface, each with a value.
func (l *ifOptions) words(k *call, known *bool) []option {
	var list []option
	for _, name := range []string{"txqueuelen", "txqlen", "qlen", "alias", "promisc", "allmulticast", "multicast", "arp"} {
		list = append(list, option{name, func(o word) { *known = l.add("", name, k.value(o)) && *known }})
	}
	return list
}

// ofKind reads the options after "type bridge" and "type bridge_slave"; false where there
// is one that nsl does not have.
func (l *ifOptions) ofKind(k *call) bool {
	kind, ok := k.next()
	if !ok || kind.text != plan.OfBridge && kind.text != plan.OfPort {
		return false
	}
	for {
		name, ok := k.next()
		if !ok {
			return true
		}
		value, has := k.next()
		if !has || !l.add(kind.text, name.text, value.text) {
			return false
		}
	}
}

// sayOptions says that an interface gets options.
func (k *call) sayOptions(place string, l ifOptions) {
	k.sayIf(len(l) > 0, "option %s %s", place, strings.Join(l, " "))
}
