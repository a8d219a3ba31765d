package fake_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.TryEnter()
	os.Exit(m.Run())
}
