package model_test

import (
	"errors"
	"testing"

	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// An op that says nothing gets an error of the kernel's at most.
func TestEveryOpIsHandled(t *testing.T) {
	for _, op := range plan.Ops() {
		if err := model.New().Apply(op); errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%T: %v", op, err)
		}
	}
}
