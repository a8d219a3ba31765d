package model_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// everyOp has one op of each type.
func everyOp() []plan.Op {
	return []plan.Op{
		plan.AddNS{}, plan.DelNS{}, plan.RestoreNS{}, plan.AddVeth{}, plan.AddBridge{}, plan.DelLink{},
		plan.AddLink{}, plan.MoveLink{}, plan.RenameLink{}, plan.SetMAC{},
		plan.SetUp{}, plan.SetDown{}, plan.SetMaster{}, plan.SetMTU{}, plan.AddAddr{}, plan.DelAddr{},
		plan.AddRoute{}, plan.DelRoute{}, plan.AddRule{}, plan.DelRule{}, plan.SetSysctl{}, plan.Baseline{},
		plan.AddNftTable{}, plan.DelNftTable{}, plan.AddNftChain{}, plan.DelNftChain{}, plan.AddNftRule{},
		plan.DelNftRule{}, plan.Exec{},
		plan.Start{}, plan.Stop{}, plan.AddName{}, plan.DelName{}, plan.SetResolver{}, plan.Lease{}, plan.Release{},
	}
}

// opTypes are the types of package plan that have the marker method.
func opTypes(t *testing.T) []string {
	files, err := filepath.Glob("../plan/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no sources of package plan:", err)
	}
	var types []string
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "op" && fn.Recv != nil {
				types = append(types, fn.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	return types
}

func TestEveryOpIsHandled(t *testing.T) {
	var listed []string
	for _, op := range everyOp() {
		listed = append(listed, reflect.TypeOf(op).Name())
		if err := model.New().Apply(op); errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%T: %v", op, err)
		}
	}
	for _, name := range opTypes(t) {
		if !slices.Contains(listed, name) {
			t.Errorf("plan.%s is not tried", name)
		}
	}
}
