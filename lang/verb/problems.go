package verb

import (
	"reflect"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// Problems are the findings about a parsed node that need no lab: words that
// do not have the shape that their place wants, and the node's own rules.
func Problems(node Node) diag.List {
	var list diag.List
	Leaves(node, func(l syntax.Leaf, _ syntax.Text) { list.Add(l.Problem()) })
	if len(list) > 0 {
		return list
	}
	if c, ok := node.(Checker); ok {
		list.Add(c.Check()...)
	}
	return list
}

var textType = reflect.TypeFor[syntax.Text]()

// Leaves calls f for every leaf of a parsed node that is there and whose text is known,
// in the order of the grammar.
func Leaves(node Node, f func(l syntax.Leaf, text syntax.Text)) { leaves(reflect.ValueOf(node), f) }

func leaves(v reflect.Value, f func(syntax.Leaf, syntax.Text)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			leaves(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), f)
		}
	case reflect.Struct:
		if l, ok := v.Interface().(syntax.Leaf); ok {
			if t := textIn(v); !t.Dynamic && !t.IsZero() {
				f(l, t)
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				leaves(v.Field(i), f)
			}
		}
	}
}

// textIn is the text that a leaf embeds.
func textIn(v reflect.Value) syntax.Text {
	for v.Type() != textType {
		v = v.Field(0)
	}
	return v.Interface().(syntax.Text)
}
