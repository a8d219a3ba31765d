// Package verb describes statements: a verb is its grammar, its documentation,
// its check and its plan, and the table of verbs is what every reader reads.
package verb
