// Package fake is a world in memory: a model of the lab that keeps a readable
// log of what was done to it, fails where it is told to, and answers pings by
// following each packet through the model, there and back.
package fake
