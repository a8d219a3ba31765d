// Package why explains why a packet did not arrive, from the state of the lab.
package why
