package kernel

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.Enter()
	os.Exit(m.Run())
}
