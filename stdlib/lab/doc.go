// Package lab holds the questions that verbs of several families ask of a lab,
// and the plans that several of them make.
package lab
