package labtest_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.TryEnter()
	labtest.ManyAtOnce()
	os.Exit(m.Run())
}
