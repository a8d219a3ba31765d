// Package shell reads command lines of a shell as people paste them: from the raw text,
// with prompts, quotes, comments, loops and redirections. What the commands mean is
// up to others.
package shell
