//go:build race

package main

// raceEnabled: memory is not what it is without the race detector.
const raceEnabled = true
