// Command nsl builds and tests Linux networks from a small language.
//
// Only Linux runs labs. What that takes is in files for Linux alone, called by main
// and runsLabs; the tag nolabs leaves it out there as well.
package main
