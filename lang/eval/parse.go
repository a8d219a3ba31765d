package eval

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// maxExprDepth bounds the nesting of an expression, and maxOperators the number
// of operators in a row: both are evaluated by recursion.
const (
	maxExprDepth = 100
	maxOperators = 1000
)

// Parse reads the tokens as one expression.
func Parse(tokens []syntax.Token, at source.Span) (Expr, *diag.Diagnostic) {
	items, d := statementItems(tokens)
	if d != nil {
		return nil, d
	}
	return parseItems(items, at)
}

// ParseAll reads the tokens as several expressions, one after the other.
func ParseAll(tokens []syntax.Token) ([]Expr, *diag.Diagnostic) {
	items, d := statementItems(tokens)
	if d != nil {
		return nil, d
	}
	p := &exprParser{items: items}
	var list []Expr
	for p.pos < len(p.items) {
		e, d := p.expr(0)
		if d != nil {
			return nil, d
		}
		list = append(list, e)
	}
	return list, nil
}

func parseItems(items []item, at source.Span) (Expr, *diag.Diagnostic) {
	p := &exprParser{items: items, at: at}
	e, d := p.expr(0)
	if d == nil && p.pos < len(p.items) {
		next := p.items[p.pos]
		d = diag.Errorf(diag.BadExpr, next.at, "an operator is missing before %s", next.text).
			WithHelp("several values are a list: <a b>")
		if next.text == "=" || next.text == "===" {
			d = diag.Errorf(diag.BadExpr, next.at, "%s does not compare", next.text).WithHelp("write ==").WithFix(next.at, "", "==")
		}
	}
	return e, d
}

type exprParser struct {
	items []item
	pos   int
	at    source.Span
	depth int
}

// precedence of the binary operators; higher binds tighter, 0 is none.
func precedence(op string) int {
	switch op {
	case "or":
		return 1
	case "and":
		return 2
	case "==", "!=", "<", "<=", ">", ">=", "in":
		return 4
	case "+", "-":
		return 5
	case "*", "/", "%":
		return 6
	}
	return 0
}

// notPrecedence: not binds tighter than and, and looser than comparisons.
const (
	notPrecedence   = 3
	minusPrecedence = 7
)

// expr parses operators that bind tighter than least (precedence climbing).
func (p *exprParser) expr(least int) (Expr, *diag.Diagnostic) {
	if p.depth++; p.depth > maxExprDepth {
		return nil, diag.Errorf(diag.TooDeep, p.here(), "the expression is nested deeper than %d", maxExprDepth)
	}
	defer func() { p.depth-- }()
	x, d := p.operand()
	for n := 0; d == nil && p.pos < len(p.items) && p.items[p.pos].sign == operator; n++ {
		op := p.items[p.pos]
		level := precedence(op.text)
		if level == 0 || level <= least {
			break
		}
		if n == maxOperators {
			return nil, diag.Errorf(diag.TooDeep, op.at, "there are more than %d operators in a row", maxOperators).
				WithHelp("bind a part of it to a name with let")
		}
		p.pos++
		var y Expr
		if y, d = p.expr(level); d != nil {
			break
		}
		x = infix{op.at, x.At().To(y.At()), op.text, x, y}
	}
	return x, d
}

func (p *exprParser) here() source.Span {
	if p.pos < len(p.items) {
		return p.items[p.pos].at
	}
	if len(p.items) == 0 {
		return p.at
	}
	end := p.items[len(p.items)-1].at.End
	return source.Span{Start: end, End: end}
}

func (p *exprParser) operand() (Expr, *diag.Diagnostic) {
	if p.pos >= len(p.items) {
		return nil, diag.Errorf(diag.BadExpr, p.here(), "a value is missing here")
	}
	it := p.items[p.pos]
	p.pos++
	switch {
	case it.sign == operand:
		return it.expr, nil
	case it.sign == callName:
		return p.call(it)
	case it.sign == parenOpen:
		e, d := p.expr(0)
		if d == nil {
			_, d = p.expect(parenClose, ")")
		}
		return e, d
	case it.sign == listOpen:
		return p.list(it)
	case it.sign == operator && it.text == "not":
		x, d := p.expr(notPrecedence)
		return unary{it.at, "not", x}, d
	case it.sign == operator && it.text == "-":
		x, d := p.expr(minusPrecedence)
		return unary{it.at, "-", x}, d
	}
	return nil, diag.Errorf(diag.BadExpr, it.at, "a value is missing before %s", it.text)
}

func (p *exprParser) expect(s sign, text string) (item, *diag.Diagnostic) {
	if p.pos < len(p.items) && p.items[p.pos].sign == s {
		p.pos++
		return p.items[p.pos-1], nil
	}
	return item{}, diag.Errorf(diag.BadExpr, p.here(), "%s is missing here", text)
}

func (p *exprParser) call(name item) (Expr, *diag.Diagnostic) {
	p.pos++ // the parenthesis
	c := call{at: name.at, name: name.text}
	for p.pos < len(p.items) && p.items[p.pos].sign != parenClose {
		arg, d := p.expr(0)
		if d != nil {
			return nil, d
		}
		c.args = append(c.args, arg)
		if p.pos < len(p.items) && p.items[p.pos].sign == comma {
			p.pos++
			continue
		}
		break
	}
	closing, d := p.expect(parenClose, ")")
	c.at = c.at.To(closing.at)
	return c, d
}

func (p *exprParser) list(open item) (Expr, *diag.Diagnostic) {
	l := sequence{at: open.at}
	for p.pos < len(p.items) && p.items[p.pos].sign != listClose {
		e, d := p.operand()
		if d != nil {
			return nil, d
		}
		l.items = append(l.items, e)
		if p.pos < len(p.items) && p.items[p.pos].sign == comma {
			p.pos++
		}
	}
	closing, d := p.expect(listClose, ">")
	l.at = l.at.To(closing.at)
	return l, d
}
