package engine_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.ManyAtOnce()
	os.Exit(labtest.Parts{"faults": faults, "requests": requests, "mesh": mesh}.Main(m))
}
