package eval

import (
	"nsl/lang/source"
)

// Expr is a parsed expression.
type Expr interface {
	// At is its place.
	At() source.Span
	expr()
}

type (
	// literal is a value as it is written.
	literal struct {
		at source.Span
		v  Value
	}
	// variable is $name, or a name inside ${…}.
	variable struct {
		at   source.Span
		name string
	}
	// template is text with interpolations in it.
	template struct {
		at    source.Span
		parts []Expr
		// quoted: the result is text; otherwise it takes the type of its shape.
		quoted bool
	}
	unary struct {
		at source.Span
		op string
		x  Expr
	}
	infix struct {
		at   source.Span // the operator
		all  source.Span
		op   string
		x, y Expr
	}
	call struct {
		at   source.Span
		name string
		args []Expr
	}
	sequence struct {
		at    source.Span
		items []Expr
	}
)

func (e literal) At() source.Span  { return e.at }
func (e variable) At() source.Span { return e.at }
func (e template) At() source.Span { return e.at }
func (e unary) At() source.Span    { return e.at.To(e.x.At()) }
func (e infix) At() source.Span    { return e.all }
func (e call) At() source.Span     { return e.at }
func (e sequence) At() source.Span { return e.at }

func (literal) expr()  {}
func (variable) expr() {}
func (template) expr() {}
func (unary) expr()    {}
func (infix) expr()    {}
func (call) expr()     {}
func (sequence) expr() {}

// Variables calls f for each variable that an expression reads.
func Variables(e Expr, f func(name string, at source.Span)) {
	walk(e, func(e Expr) {
		if v, ok := e.(variable); ok {
			f(v.name, v.at)
		}
	})
}
