package probes_test

import (
	"fmt"
	"testing"

	"nsl/runtime/labtest/labs"
)

// A broadcast to hundreds fills the queues of received packets; those who answer are found
// all the same.
func TestManyOnABigSegment(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `for i in 1..300 { ns h$i }
bridge sw <h${range(1,300)}>
expect ping h1 -> h${range(2,100)}
expect ping h2 -> h${range(101,300)}
`)
}

// Labs side by side need more of the machine's neighbour table than it has, and none
// of them fails for that.
func TestLabsSideBySideShareTheNeighbourTable(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			labs.Hold(t, `for i in 1..30 { ns h$i }
bridge sw <h${range(1,30)}>
for i in 1..30 { serve http h$i }
expect http * -> http://*/
expect ping * -> *
`)
		})
	}
}
