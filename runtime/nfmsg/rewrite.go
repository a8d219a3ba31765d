package nfmsg

// Renamed are expressions in which a set has another name.
func Renamed(e Exprs, from, to string) (out Exprs) {
	Each(e, func(_ int, expr []byte) {
		name, data := CString(Get(expr, ExprName)), Get(expr, ExprData)
		if name == "lookup" && CString(Get(data, 1)) == from {
			data = append(Attrs{}.Text(1, to), Without(append(make([]byte, BodyAt), data...), 1)[BodyAt:]...)
		}
		out = out.Add(name, data)
	})
	return out
}

// Without is a body without the attributes of a type.
func Without(body []byte, drop int) (out Attrs) {
	out = append(out, body[:BodyAt]...)
	Each(body[BodyAt:], func(typ int, value []byte) {
		if typ != drop {
			out = out.Put(typ, value)
		}
	})
	return out
}
