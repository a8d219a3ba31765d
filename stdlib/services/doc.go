// Package services holds the verbs that start and end what runs in a node:
// servers, clients, captures and programs.
package services
