//go:build race

package engine_test

// slowness is how many times longer the race detector makes a test.
const slowness = 5
