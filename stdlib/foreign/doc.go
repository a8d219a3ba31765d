// Package foreign knows the commands of other programs, and the statements
// that do the same.
package foreign
