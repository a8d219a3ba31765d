package complete

// BashFunctions are, in bash, the two functions of the package bash-completion that the
// script for bash calls, for where it is not installed.
const BashFunctions = `# Without the package bash-completion, what is used of it below:
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
