//go:build !race

package main

// raceEnabled: memory is what it is.
const raceEnabled = false
