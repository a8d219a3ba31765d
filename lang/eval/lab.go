package eval

import (
	"fmt"
	"net/netip"

	"nsl/runtime/plan"
)

// freeFunc is the first address for an interface of a subnet that no node has:
// network and broadcast addresses are left out. It is unknown where a program
// may have given addresses that the lab does not know.
func freeFunc(c *Context, args []Value) (Value, error) {
	p, err := prefixArg(args[0])
	if err != nil {
		return nil, err
	}
	var book *plan.Book
	if c.Book != nil {
		book, err = c.Book()
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("the kernel does not answer: %w", err)
	case book == nil:
		return Unknown{}, nil
	}
	if a, ok := firstUnused(book, p.Masked()); ok {
		return Addr(a), nil
	}
	return nil, fmt.Errorf("%s has no free address left", p.Masked())
}

func firstUnused(book *plan.Book, net netip.Prefix) (netip.Addr, bool) {
	a := net.Addr()
	small := a.BitLen()-net.Bits() < 2 // RFC 3021: both of a /31 are usable
	if !small {
		a = a.Next()
	}
	for ; net.Contains(a); a = a.Next() {
		if last := a.Is4() && !small && !net.Contains(a.Next()); last {
			break // the broadcast address
		}
		if len(book.At(a)) == 0 {
			return a, true
		}
	}
	return netip.Addr{}, false
}

func itemFunc(_ *Context, args []Value) (Value, error) {
	list, ok := args[0].(List)
	if !ok {
		return nil, wants("a list", args[0])
	}
	n, err := intArg(args[1])
	if err != nil {
		return nil, err
	}
	i := n - 1
	if n < 0 {
		i = int64(len(list)) + n
	}
	if n == 0 || i < 0 || i >= int64(len(list)) {
		return nil, fmt.Errorf("there is no item %d in a list of %d", n, len(list))
	}
	return list[i], nil
}
