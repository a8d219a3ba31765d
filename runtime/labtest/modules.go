package labtest

import (
	"maps"

	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/stdlib"
)

// Modules finds the modules with these texts, by name, and those of the library;
// it reads no files. The table is a parameter because each one builds its grammars anew.
func Modules(table *verb.Table, set *source.Set, texts map[string]string) *script.Modules {
	known := maps.Clone(texts) // what is found is added
	return script.Language{Table: table, Library: stdlib.Std()}.ModulesOf(set, script.Script{Modules: known})
}
