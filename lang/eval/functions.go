package eval

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// function is a built-in function of expressions.
type function struct {
	usage       string
	least, most int
	run         func(c *Context, args []Value) (Value, error)
}

// functions are all built-in functions by name. The map is never changed.
var functions = sync.OnceValue(func() map[string]function {
	return map[string]function{
		"host":      {"host(net, n): the n-th address of a subnet", 2, 2, hostOf},
		"subnet":    {"subnet(net, length, n): the n-th subnet of that prefix length", 3, 3, subnetOf},
		"prefixlen": {"prefixlen(net): the length of a prefix", 1, 1, prefixLen},
		"contains":  {"contains(net, address): whether a subnet or list holds it", 2, 2, func(_ *Context, a []Value) (Value, error) { return contains(a[1], a[0]) }},
		"free":      {"free(net): the first address of a subnet that no node of the lab has", 1, 1, freeFunc},
		"item":      {"item(list, n): the n-th item, from 1; a negative n counts from the end", 2, 2, itemFunc},
		"len":       {"len(list or text): the number of items or characters", 1, 1, length},
		"range":     {"range(n) or range(from, to): whole numbers, 1 to n or from to to", 1, 2, rangeFunc},
		"join":      {"join(list, separator): text of all items", 2, 2, joinFunc},
		"split":     {"split(text, separator): list of its parts", 2, 2, splitFunc},
		"number":    {"number(text): the number, duration, rate or size that a text is", 1, 1, numberFunc},
		"upper":     {"upper(text)", 1, 1, onText(strings.ToUpper)},
		"lower":     {"lower(text)", 1, 1, onText(strings.ToLower)},
		"replace":   {"replace(text, old, new)", 3, 3, replaceFunc},
		"env":       {"env(name, default): a variable of the environment", 1, 2, envFunc},
		"arg":       {"arg(n, default): the n-th argument of the script, from 1", 1, 2, argFunc},
	}
})

// Usages are the built-in functions, each as host(net, n): what it gives.
func Usages() []string {
	var list []string
	for _, name := range functionNames() {
		list = append(list, functions()[name].usage)
	}
	return list
}

// Usage is that of one built-in function, "" if there is none of that name.
func Usage(name string) string { return functions()[name].usage }

func functionNames() []string { return slices.Sorted(maps.Keys(functions())) }

func wants(what string, v Value) error {
	return kindError{text: what + " is wanted, not ", value: v}
}

func prefixArg(v Value) (netip.Prefix, error) {
	if p, ok := v.(Prefix); ok {
		return netip.Prefix(p), nil
	}
	return netip.Prefix{}, wants("a subnet as 10.0.0.0/24", v)
}

func intArg(v Value) (int64, error) {
	if n, ok := v.(Int); ok {
		return int64(n), nil
	}
	return 0, wants("a whole number", v)
}

func textArg(v Value) (string, error) {
	if _, ok := v.(List); ok {
		return "", wants("text", v)
	}
	return v.String(), nil
}

// hostOf is address number n of a subnet, with no prefix length; a negative n
// counts from the end.
func hostOf(_ *Context, args []Value) (Value, error) {
	p, err := prefixArg(args[0])
	if err != nil {
		return nil, err
	}
	n, err := intArg(args[1])
	if err != nil {
		return nil, err
	}
	by := big.NewInt(n)
	if n < 0 {
		by.Add(by, new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits())))
	}
	a, ok := shift(p.Masked().Addr(), by)
	if !ok || !p.Masked().Contains(a) {
		return nil, fmt.Errorf("%s has no address number %d", p.Masked(), n)
	}
	return Addr(a), nil
}

func subnetOf(_ *Context, args []Value) (Value, error) {
	p, err := prefixArg(args[0])
	if err != nil {
		return nil, err
	}
	length, err := intArg(args[1])
	if err != nil {
		return nil, err
	}
	n, err := intArg(args[2])
	if err != nil {
		return nil, err
	}
	if length < int64(p.Bits()) || length > int64(p.Addr().BitLen()) {
		return nil, fmt.Errorf("a subnet of %s has a prefix length of %d to %d, not %d", p.Masked(), p.Bits(), p.Addr().BitLen(), length)
	}
	if room := length - int64(p.Bits()); n < 0 || room < 63 && n >= 1<<room {
		return nil, fmt.Errorf("%s has no /%d number %d: they are counted from 0", p.Masked(), length, n)
	}
	a, _ := shift(p.Masked().Addr(), new(big.Int).Lsh(big.NewInt(n), uint(int64(p.Addr().BitLen())-length)))
	return Prefix(netip.PrefixFrom(a, int(length))), nil
}

func prefixLen(_ *Context, args []Value) (Value, error) {
	p, err := prefixArg(args[0])
	return Int(p.Bits()), err
}

func length(_ *Context, args []Value) (Value, error) {
	switch v := args[0].(type) {
	case List:
		return Int(len(v)), nil
	case Str:
		return Int(len([]rune(string(v)))), nil
	}
	return nil, wants("a list or text", args[0])
}

func rangeFunc(c *Context, args []Value) (Value, error) {
	from := int64(1)
	to, err := intArg(args[len(args)-1])
	if err == nil && len(args) == 2 {
		from, err = intArg(args[0])
	}
	if err != nil {
		return nil, err
	}
	if len(args) == 1 && to < 1 {
		return List{}, nil
	}
	return rangeOf(from, to, c.Limits), nil
}

func joinFunc(c *Context, args []Value) (Value, error) {
	list, ok := args[0].(List)
	if !ok {
		return nil, wants("a list", args[0])
	}
	sep, err := textArg(args[1])
	words := make([]string, len(list))
	size := -len(sep)
	for i, v := range list {
		words[i] = v.String()
		size += len(words[i]) + len(sep)
	}
	if size > c.Limits.Text {
		return nil, tooMuchText(size)
	}
	return Str(strings.Join(words, sep)), err
}

// tooMuchText is a text of that many bytes, which was not made.
type tooMuchText int

func (n tooMuchText) Error() string { return fmt.Sprintf("a text of %d bytes", int(n)) }

func splitFunc(c *Context, args []Value) (Value, error) {
	text, err := textArg(args[0])
	if err != nil {
		return nil, err
	}
	sep, err := textArg(args[1])
	list := List{}
	for _, part := range strings.SplitN(text, sep, c.Limits.List+1) {
		list = append(list, OfWord(part))
	}
	return list, err
}

func onText(f func(string) string) func(*Context, []Value) (Value, error) {
	return func(_ *Context, args []Value) (Value, error) {
		s, err := textArg(args[0])
		return Str(f(s)), err
	}
}

func replaceFunc(c *Context, args []Value) (Value, error) {
	var words [3]string
	for i := range words {
		s, err := textArg(args[i])
		if err != nil {
			return nil, err
		}
		words[i] = s
	}
	n := strings.Count(words[0], words[1])
	if size := len(words[0]) + n*(len(words[2])-len(words[1])); size > c.Limits.Text {
		return nil, tooMuchText(size)
	}
	return Str(strings.ReplaceAll(words[0], words[1], words[2])), nil
}

func envFunc(c *Context, args []Value) (Value, error) {
	name, err := textArg(args[0])
	if err != nil {
		return nil, err
	}
	if c.Env == nil {
		return Unknown{}, nil
	}
	if v, ok := c.Env(name); ok {
		return OfWord(v), nil
	}
	if len(args) == 2 {
		return args[1], nil
	}
	return nil, fmt.Errorf("the lab has no variable %s; give a default: env(%q, …), or ask for yours at the top of the script: grant env %[1]s", name, name)
}

func argFunc(c *Context, args []Value) (Value, error) {
	n, err := intArg(args[0])
	switch {
	case err != nil:
		return nil, err
	case n < 1:
		return nil, errors.New("arguments are counted from 1")
	case n <= int64(len(c.Args)):
		return OfWord(c.Args[n-1]), nil
	case len(args) == 2:
		return args[1], nil
	case c.Env == nil:
		return Unknown{}, nil
	}
	return nil, fmt.Errorf("the script got %d arguments; run it as: nsl run FILE -- ARGUMENT…, or give a default: arg(%d, …)", len(c.Args), n)
}
