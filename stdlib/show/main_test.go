package show_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest/labs"
)

func TestMain(m *testing.M) { os.Exit(labs.Main(m, nil)) }
