package eval

import (
	"errors"
	"fmt"
	"strings"

	"nsl/lang/diag"
)

// kindError is that a value is not of the kind that is wanted, whichever of its kind it
// is. The text goes before the value, where there is one.
type kindError struct {
	text, help string
	value      Value
}

func (e kindError) Error() string {
	if e.value == nil {
		return e.text
	}
	return e.text + described(e.value)
}

// notNumber is a text that is no number.
type notNumber string

func (e notNumber) Error() string { return fmt.Sprintf("%q is no number", string(e)) }

// isLike reports whether a value will be of the kind of another.
func (v Unknown) isLike(other Value) bool { return v.Like != nil && v.Like.Kind() == other.Kind() }

// described is a value with its kind, for a message: of what only a run can tell, its kind.
func described(v Value) string {
	u, unknown := v.(Unknown)
	switch {
	case !unknown:
		return "the " + v.Kind() + " " + Quoted(v)
	case u.isLike(Str("")):
		return v.Kind()
	}
	return "a " + v.Kind()
}

// likeness is a value of the kind of v; nil where that is not known.
func likeness(v Value) Value {
	if u, ok := v.(Unknown); ok {
		return u.Like
	}
	return v
}

// unknown is what an operator gives where only a run can tell one of its sides. What it
// does with no values of these kinds is an error now.
func unknown(op string, a, b Value) (Value, error) {
	x, y := likeness(a), likeness(b)
	if x == nil || y == nil {
		return Unknown{}, nil
	}
	v, err := binary(op, x, y)
	switch {
	case errors.As(err, new(kindError)):
		return nil, mismatch(op, a, b)
	case err != nil:
		return Unknown{}, nil
	}
	return Unknown{v}, nil
}

// unknownCall is what a function gives where only a run can tell one of its arguments.
func (c *Context) unknownCall(e call, f function, args []Value) (Value, *diag.Diagnostic) {
	like := make([]Value, len(args))
	for i, v := range args {
		if like[i] = likeness(v); like[i] == nil {
			return Unknown{}, nil
		}
	}
	_, err := f.run(c, like)
	kind := kindError{}
	if !errors.As(err, &kind) {
		return Unknown{}, nil
	}
	for _, v := range args {
		if _, ok := v.(Unknown); ok && kind.value != nil && v.Kind() == kind.value.Kind() {
			kind.value = v
		}
	}
	return nil, c.badCall(e, f, kind)
}

// numberFunc is a text as a number, or as a quantity.
func numberFunc(_ *Context, args []Value) (Value, error) {
	text, err := textArg(args[0])
	if err != nil {
		return nil, err
	}
	v := OfWord(strings.TrimSpace(text))
	if _, ok := number(v); !ok {
		return nil, notNumber(text)
	}
	return v, nil
}
