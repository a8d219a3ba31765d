package labtest

import (
	"maps"

	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/stdlib"
)

// Modules finds the modules with these texts, by name, and those of the library;
// it reads no files.
func Modules(set *source.Set, texts map[string]string) *script.Modules {
	known := maps.Clone(texts) // what is found is added
	return script.Language{Table: stdlib.Table(), Library: stdlib.Std()}.ModulesOf(set, script.Script{Modules: known})
}
