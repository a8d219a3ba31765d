// Package show holds the verb show and its tables.
package show
