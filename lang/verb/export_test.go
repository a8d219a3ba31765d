package verb

import "reflect"

// LeafTypes are the types of the leaves of all of the verb's grammars.
func (v *Verb) LeafTypes() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, g := range v.grammars {
		for name, kind := range leafTypes(g, map[reflect.Type]bool{}) {
			all[name] = kind
		}
	}
	return all
}
