package eval

import (
	"fmt"
	"math"
	"math/big"
	"net/netip"
)

func arithmetic(op string, a, b Value) (Value, error) {
	if x, ok := a.(Int); ok {
		if y, ok := b.(Int); ok {
			return integers(op, int64(x), int64(y))
		}
	}
	if op == "+" {
		switch x := a.(type) {
		case Str:
			if y, ok := b.(Str); ok {
				return x + y, nil
			}
		case List:
			if y, ok := b.(List); ok {
				return append(append(List{}, x...), y...), nil
			}
		case Addr:
			if n, ok := b.(Int); ok {
				return offset(netip.Addr(x), big.NewInt(int64(n)))
			}
		}
	}
	if x, ok := a.(Addr); ok && op == "-" {
		if n, ok := b.(Int); ok {
			return offset(netip.Addr(x), new(big.Int).Neg(big.NewInt(int64(n))))
		}
	}
	return quantities(op, a, b)
}

func integers(op string, x, y int64) (Value, error) {
	var r int64
	var overflow bool
	switch op {
	case "+":
		r = x + y
		overflow = (r > x) != (y > 0) && y != 0
	case "-":
		r = x - y
		overflow = (r < x) != (y > 0) && y != 0
	case "*":
		r = x * y
		overflow = x != 0 && (r/x != y || x == -1 && y == math.MinInt64)
	case "/", "%":
		if y == 0 {
			return nil, fmt.Errorf("%d %s 0: nothing can be divided by zero", x, op)
		}
		if op == "%" {
			return Int(x % y), nil
		}
		r = x / y
		overflow = x == math.MinInt64 && y == -1
	default:
		return nil, fmt.Errorf("there is no operator %s", op)
	}
	if overflow {
		return nil, fmt.Errorf("%d %s %d is too large for a whole number", x, op, y)
	}
	return Int(r), nil
}

func negative(v Value) (Value, error) {
	if n, ok := v.(Int); ok {
		return integers("-", 0, int64(n))
	}
	if _, ok := number(v); !ok {
		return nil, wants("a number or a quantity", v)
	}
	return quantities("*", v, Int(-1))
}

// quantities adds and subtracts equal kinds, and scales a quantity by a number.
func quantities(op string, a, b Value) (Value, error) {
	x, okX := number(a)
	y, okY := number(b)
	same := a.Kind() == b.Kind()
	plainA, plainB := a.Kind() == Int(0).Kind(), b.Kind() == Int(0).Kind()
	switch {
	case !okX || !okY:
	case op == "+" && same:
		return like(a, b, x+y)
	case op == "-" && same:
		return like(a, b, x-y)
	case op == "*" && plainB:
		return like(a, b, x*y)
	case op == "*" && plainA:
		return like(b, a, x*y)
	case (op == "/" || op == "%") && y == 0:
		return nil, fmt.Errorf("%s %s %s: nothing can be divided by zero", a, op, b)
	case op == "/" && plainB:
		return like(a, b, x/y)
	case op == "/" && same:
		return ratio(a, b, x/y), nil
	case op == "%" && same:
		return like(a, b, math.Mod(x, y))
	}
	return nil, mismatch(op, a, b)
}

// ratio is how often b goes into a: a whole number where it is one.
func ratio(a, b Value, f float64) Value {
	i, okI := whole(a)
	j, okJ := whole(b)
	if okI && okJ && i%j == 0 {
		return Int(i / j)
	}
	return Float(f)
}

// like makes a value of the kind of a; a plain number gets a fraction when one
// of the two had one.
func like(a, _ Value, f float64) (Value, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) || math.Abs(f) >= math.MaxInt64 {
		return nil, fmt.Errorf("the result is too large")
	}
	switch a.(type) {
	case Duration:
		return Duration(f), nil
	case Rate:
		return Rate(f), nil
	case Size:
		return Size(f), nil
	case Percent:
		return Percent(f), nil
	}
	return Float(f), nil
}
