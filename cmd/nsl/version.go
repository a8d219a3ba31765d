package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"nsl/lang/doc"
)

// Set by the linker: see the Makefile.
var linkedVersion, linkedCommit string

// version is "v0.1.0", or what the Go command knows where the linker was given
// nothing: "(devel)", say.
var version = cmp.Or(linkedVersion, doc.BuiltVersion(debug.ReadBuildInfo()), "unknown")

// versionText is the line that nsl version prints.
func versionText() string {
	commit := cmp.Or(linkedCommit, doc.BuiltCommit(debug.ReadBuildInfo()), "unknown")
	return fmt.Sprintf("nsl %s (commit %s) %s %s/%s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version, the commit and the version of Go",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(c.OutOrStdout(), versionText())
			return err
		},
	}
}

// versionFlag makes --version the same as the command.
func versionFlag(root *cobra.Command) {
	root.Version = versionText()
	root.SetVersionTemplate("{{.Version}}")
	root.Flags().Bool("version", false, "print the version and exit")
}
