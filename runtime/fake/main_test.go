package fake_test

import (
	"os"
	"testing"

	"nsl/runtime/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	sandboxtest.TryEnter()
	os.Exit(m.Run())
}
