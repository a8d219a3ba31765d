package main

import (
	"io"

	"github.com/spf13/cobra"
)

// standalone makes the script for bash work where the package bash-completion,
// two of whose functions it calls, is not installed. There they replace these.
func standalone(bash *cobra.Command) {
	script := bash.RunE
	bash.RunE = func(c *cobra.Command, args []string) error {
		if _, err := io.WriteString(c.OutOrStdout(), bashFunctions); err != nil {
			return err
		}
		return script(c, args)
	}
}

const bashFunctions = `# Without the package bash-completion, what is used of it below:
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref() {
        cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
        words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    }
fi
if ! declare -F _filedir >/dev/null; then
    _filedir() {
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    }
fi

`
