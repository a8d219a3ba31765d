package main

import (
	"fmt"
	"regexp"
	"strings"
)

// sublime is the grammar of bat and Sublime Text.
func sublime(g grammar) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	match := func(scope, pattern string) {
		line("    - match: %s\n      scope: %s.nsl", quote(pattern), scope)
	}
	const head = `(?:^|(?<=[;{}])|(?<=defer))[ \t]*`
	begins := func(scope, words string) {
		line("    - match: %s\n      captures:\n        1: %s.nsl", quote(head+"("+words+")"+wordStop), scope)
	}
	line("%%YAML 1.2\n---\n# %s\nname: nsl\nfile_extensions: [nsl]\nfirst_line_match: %s\nscope: source.nsl\ncontexts:\n  main:", generated, quote(`^#!.*\bnsl\b`))
	line("    - include: quoted")
	line("    - match: %s\n      captures:\n        1: keyword.other.nsl\n        2: keyword.operator.nsl\n        3: support.function.nsl",
		quote(head+"("+oneOf(g.expects)+`)[ \t]+((?:not[ \t]+)?)(`+oneOf(append(g.programProbes, g.probes...))+")"+wordStop))
	begins("keyword.control", `else[ \t]+if|`+oneOf(g.control))
	begins("keyword.other", oneOf(append(append(g.programs, g.statements...), g.expects...)))
	begins("storage.modifier", oneOf(g.options))
	begins("entity.name.type", rowPattern)
	begins("entity.name.function", callPattern)
	match("constant.other", whole(addressPattern))
	match("constant.numeric", whole(quantityPattern))
	match("entity.name.type", whole(endpointPattern))
	match("storage.modifier", whole(oneOf(g.options)))
	match("support.function", namePattern+`(?=\()`)
	match("keyword.operator", operatorPattern)
	line("  quoted:")
	match("comment.line.number-sign", wordStart+`#.*$`)
	line("    - match: '\"\"\"'\n      push: [{meta_scope: string.quoted.triple.nsl}, {include: inside}, {match: '\"\"\"', pop: true}]")
	line("    - match: '\"'\n      push: [{meta_scope: string.quoted.double.nsl}, {include: inside}, {match: '\"|$', pop: true}]")
	match("string.quoted.single", `'[^']*'?`)
	line("    - include: variable")
	line("  inside:")
	match("constant.character.escape", `\\.`)
	line("    - include: variable\n  variable:")
	match("variable.other", `\$\{[^}\n]*\}|\$`+namePattern)
	return b.String()
}

// nano is the syntax of nano, whose later rules paint over earlier ones, and whose
// expressions are those of regex(7).
func nano(g grammar) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	color := func(name, pattern string) { line(`color %s "%s"`, name, pattern) }
	word := func(name, pattern string) {
		color(name, `(^|[[:blank:];{}()<>,])(`+pattern+`)([[:blank:];{}()<>,]|->|$)`)
	}
	const head = `(^|[;{}])[[:blank:]]*(defer[[:blank:]]+)?`
	line("# %s\nsyntax nsl \"\\.nsl$\"\nheader \"^#!.*nsl\"\ncomment \"#\"\n", generated)
	word("brightmagenta", endpointPattern+"|"+rowPattern)
	word("magenta", quantityPattern)
	word("magenta", addressPattern)
	color("cyan", `(^|[[:blank:];{}()<>,])(`+oneOf(g.options)+`)\>`) // what ends a word is not taken: an option may follow
	color("brightblue", head+"("+callPattern+`)([[:blank:]]|$)`)
	color("cyan", `[[:blank:]](`+oneOf(append(g.programProbes, g.probes...))+`)[[:blank:]]`)
	all := append(append(append(append([]string{}, g.statements...), g.programs...), g.expects...), g.control...)
	color("brightgreen", head+"(else[[:blank:]]+if|"+oneOf(all)+`)([[:blank:]{]|$)`)
	color("red", `<->|->|[{};]`)
	color("brightred", `\$(\{[^}]*\}|`+namePattern+")")
	color("yellow", `"([^"\]|\\.)*"|'[^']*'`)
	line(`color yellow start="""""" end=""""""`)
	color("blue", `(^|[[:blank:];{}])#.*$`)
	return strings.ReplaceAll(b.String(), `\.\.`, `[.][.]`)
}

// elispSigns are what Emacs writes the other way round, and what hides them.
var elispSigns = regexp.MustCompile(`\\.|\[[^\]]*\]|[(){}|]`)

// elisp is a pattern as a string of Emacs Lisp.
func elisp(pattern string) string {
	pattern = elispSigns.ReplaceAllStringFunc(pattern, func(s string) string {
		if s == "(" {
			return `\(?:`
		}
		if len(s) == 1 {
			return `\` + s
		}
		return s
	})
	pattern = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(pattern)
	return pattern
}

// emacs is a major mode, with its hook for Eglot.
func emacs(g grammar) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	word := func(face, pattern string) {
		line(`    (,(nsl--word "%s") 1 font-lock-%s-face)`, elisp(pattern), face)
	}
	head := func(face, pattern string) {
		line(`    ("\\(?:^\\|[;{}]\\)[ \t]*\\(?:defer[ \t]+\\)?\\(%s\\)\\(?:[ \t;{}<(]\\|$\\)" 1 font-lock-%s-face)`, elisp(pattern), face)
	}
	line(";;; nsl-mode.el --- Major mode for scripts of nsl  -*- lexical-binding: t; -*-\n\n;; %s\n\n;;; Code:\n", generated)
	line("(defvar nsl-mode-syntax-table\n  (let ((table (make-syntax-table)))\n    (modify-syntax-entry ?# \"<\" table)\n    (modify-syntax-entry ?\\n \">\" table)")
	line("    (modify-syntax-entry ?\\' \"\\\"\" table)\n    (modify-syntax-entry ?- \"_\" table)\n    (modify-syntax-entry ?< \".\" table)\n    (modify-syntax-entry ?> \".\" table)\n    table)\n  \"The signs of nsl.\")\n")
	line(`(defun nsl--word (pattern)
  "A matcher of whole words; what ends one may also begin the next."
  (let ((whole (concat "\\(?:^\\|[][ \t;{}()<>,]\\)\\(" pattern "\\)\\(?:[ \t;{}()<>,]\\|->\\|$\\)")))
    (lambda (limit)
      (when (re-search-forward whole limit t)
        (goto-char (match-end 1))))))
`)
	line("(defvar nsl-font-lock-keywords\n  `(")
	line(`    ("\\(?:^\\|[;{}]\\)[ \t]*\\(%s\\)[ \t]+\\(?:\\(not\\)[ \t]+\\)?\\(%s\\)\\(?:[ \t;{}]\\|$\\)"`, elisp(oneOf(g.expects)), elisp(oneOf(append(g.programProbes, g.probes...))))
	line("     (1 font-lock-keyword-face) (2 font-lock-builtin-face nil t) (3 font-lock-builtin-face))")
	all := append(append(append(append([]string{}, g.statements...), g.programs...), g.expects...), g.control...)
	head("keyword", "else[ \t]+if|"+oneOf(all))
	head("builtin", oneOf(g.options))
	head("function-name", callPattern)
	line(`    ("\\$\\(?:{[^}\n]*}\\|%s\\)" 0 font-lock-variable-name-face prepend)`, elisp(namePattern))
	word("constant", addressPattern)
	word("constant", quantityPattern)
	word("type", endpointPattern+"|"+rowPattern)
	word("builtin", oneOf(g.options))
	line("    )\n  \"The colours of nsl.\")\n")
	line(`;;;###autoload
(define-derived-mode nsl-mode prog-mode "nsl"
  "Major mode for scripts of nsl."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+[ \t]*")
  (setq-local indent-tabs-mode nil)
  (setq font-lock-defaults '(nsl-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.nsl\\'" . nsl-mode))
;;;###autoload
(add-to-list 'interpreter-mode-alist '("nsl" . nsl-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(nsl-mode . ("nsl" "lsp"))))
(when (fboundp 'eglot-ensure)
  (add-hook 'nsl-mode-hook #'eglot-ensure))

(provide 'nsl-mode)
;;; nsl-mode.el ends here`)
	return b.String()
}
