package labtest_test

import (
	"testing"

	"nsl/runtime/labtest"
)

func TestStopAtFirst(t *testing.T) {
	const script = `ns red # expect nothing
expect ns red
test "expect" { for i in 1..2 { expect not ns blue }; expect ns red within 1s }
print """
expect ns red"""
require ns red
`
	const want = `ns red # expect nothing
require ns red
test "expect" { for i in 1..2 { require not ns blue }; require ns red within 1s }
print """
expect ns red"""
require ns red
`
	if got := labtest.StopAtFirst(script); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
