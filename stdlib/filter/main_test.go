package filter_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

func TestMain(m *testing.M) {
	os.Exit(labs.Main(m, labtest.Parts{alikePart: labs.Part(alike(iptablesLines)), alikeNftPart: labs.Part(alike(nftLines))}))
}
