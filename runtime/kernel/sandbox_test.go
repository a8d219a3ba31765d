package kernel

import (
	"os"
	"testing"

	"nsl/runtime/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	sandboxtest.Enter()
	os.Exit(m.Run())
}
