package sandbox

import (
	"context"
	"os"
	"testing"
)

// BenchmarkStartToExit is what a sandbox adds to a run: from Run's call to its
// return, with a child that ends at once.
func BenchmarkStartToExit(b *testing.B) {
	requireSandbox(b)
	for b.Loop() {
		if exit, err := Run(context.Background(), Config{Args: []string{"exit", "0"}, Stderr: os.Stderr}); exit != 0 || err != nil {
			b.Fatal(exit, err)
		}
	}
}
