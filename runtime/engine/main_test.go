package engine_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.ManyAtOnce()
	os.Exit(labtest.Parts{"faults": faults, "requests": requests, "full": fullDisk, "scarce": scarce, "unreadable": unreadable, "cycles": cycles, "mesh": mesh, "counts": counts, "batches": batches}.Main(m))
}
