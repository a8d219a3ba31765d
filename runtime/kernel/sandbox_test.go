package kernel

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.Enter()
	// Where administration programs are; an ordinary user's PATH lacks it.
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/local/sbin:/usr/sbin:/sbin")
	os.Exit(m.Run())
}
