package main

import (
	"fmt"
	"strings"
)

const vimDetect = `" Scripts of nsl by their name, or by their first line.
autocmd BufRead,BufNewFile *.nsl setfiletype nsl
autocmd BufRead * if getline(1) =~# '^#!.*\<nsl\>' | setfiletype nsl | endif
`

const vimPlugin = `if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
setlocal commentstring=#\ %s comments=:# expandtab shiftwidth=2 softtabstop=2
setlocal iskeyword+=-
let b:undo_ftplugin = 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< iskeyword<'
`

// vimPattern is a pattern in Vim's syntax, "very magic".
func vimPattern(p string) string {
	var b strings.Builder
	inClass := false
	for i := range len(p) {
		switch c := p[i]; {
		case c == '[' && (i == 0 || p[i-1] != '\\'):
			inClass = true
		case c == ']':
			inClass = false
		case !inClass && strings.IndexByte("%<>=@&~", c) >= 0:
			b.WriteByte('\\')
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// The edges of a word.
const (
	vimStart = `[^ \t;{}()<>"',]@1<!`
	vimStop  = `%([ \t;{}()<>"',]|-\>|$)@=`
	// vimHead is where a statement begins.
	vimHead = `%(%(^|[;{}])\s*%(defer\s+)?)@32<=`
)

// vimFile is a syntax file that is being written. Of rules that fit at the same place, Vim
// takes the last.
type vimFile struct{ strings.Builder }

func (f *vimFile) line(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }

func (f *vimFile) match(group, pattern, more string) {
	f.line(`syn match %s ~\v%s~%s`, group, pattern, more)
}

// word is a rule for whole words.
func (f *vimFile) word(group, pattern string) {
	f.match(group, vimStart+"%("+vimPattern(pattern)+")"+vimStop, "")
}

// head is a rule for the word that a statement begins with.
func (f *vimFile) head(group, pattern, more string) {
	f.match(group, vimHead+"%("+vimPattern(pattern)+")"+vimStop, more)
}

// vim is the syntax file of Vim and Neovim.
func vim(g grammar) string {
	f := &vimFile{}
	f.line(`" %s.`, generated)
	f.line("if exists('b:current_syntax')\n  finish\nendif\nsyn case match\nsyn sync minlines=200\n")
	f.match("nslOperator", vimPattern(operatorPattern), "")
	f.match("nslFunction", vimPattern(namePattern)+`\(@=`, "")
	f.word("nslEndpoint", endpointPattern)
	f.word("nslNumber", quantityPattern)
	f.word("nslAddress", addressPattern)
	f.word("nslOption", oneOf(g.options))
	f.statements(g)
	f.regions(g)
	f.links()
	f.line("\nlet b:current_syntax = 'nsl'")
	return f.String()
}

// statements are the rules for the words that statements begin with.
func (f *vimFile) statements(g grammar) {
	f.head("nslCall", callPattern, "")
	f.head("nslEndpoint", rowPattern, "")
	f.head("nslOption", oneOf(g.options), "")
	f.head("nslStatement", oneOf(g.statements), "")
	f.head("nslControl", oneOf(g.control), "")
	f.match("nslControl", `%(<else\s+)@32<=if>`, "")
	f.head("nslControl", "def", " nextgroup=nslCall skipwhite")
	f.match("nslCall", `%(<def\s+)@32<=`+vimPattern(callPattern), "")
	f.head("nslStatement", oneOf(g.programs), " nextgroup=nslProgram skipwhite")
	f.match("nslNot", `not\s@=`, " contained nextgroup=nslProbe,nslProgramProbe skipwhite")
	f.match("nslProbe", "%("+oneOf(g.probes)+")"+vimStop, " contained")
	f.match("nslProgramProbe", "%("+oneOf(g.programProbes)+")"+vimStop, " contained nextgroup=nslProgram skipwhite")
	f.head("nslExpect", oneOf(g.expects), " nextgroup=nslNot,nslProbe,nslProgramProbe skipwhite")
}

// regions are the rules for what has other things in it.
func (f *vimFile) regions(g grammar) {
	f.match("nslVariable", `\$`+namePattern, "")
	f.match("nslOptionInside", vimStart+"%("+oneOf(g.options)+")"+vimStop, " contained")
	f.match("nslProgramOption", vimStart+"%("+oneOf(g.programOptions)+")"+vimStop, " contained")
	f.WriteString(`syn region nslVariable matchgroup=nslVariable start=/\${/ end=/}/ oneline contains=nslString,nslBraces
syn region nslBraces matchgroup=nslBraces start=/{/ end=/}/ oneline contained contains=nslBraces
syn match nslEscape /\\[nt"\\$]/ contained
syn region nslString start=/'/ end=/'/ oneline
syn region nslString start=/"/ skip=/\\./ end=/"/ oneline contains=nslEscape,nslVariable
syn region nslString start=/"""/ skip=/\\./ end=/"""/ contains=nslEscape,nslVariable
syn cluster nslInside contains=nslOperator,nslFunction,nslEndpoint,nslNumber,nslAddress,nslOptionInside,nslVariable,nslString,nslComment,nslList,nslParens,nslContinued
syn region nslList matchgroup=nslOperator start=/<\%(->\|=\|[ \t]\+[^ \t#;{}>]\)\@!/ end=/>/ end=/[;{}]\@=/ contains=@nslInside
syn region nslParens start=/(/ end=/)/ end=/[;{}]\@=/ contains=@nslInside
syn region nslContinued start=/\\\s*$/ end=/\n.*$/ contains=@nslInside keepend
syn region nslProgram start=/\S/ skip=/\\\s*$/ end=/[;{}]\@=/ end=/$/ contained contains=nslProgramOption,nslString,nslVariable
`)
	f.match("nslComment", vimStart+`#.*$`, " contains=@Spell")
}

// links give the groups the colours that every scheme has.
func (f *vimFile) links() {
	f.line("")
	for _, link := range [][2]string{
		{"Comment", "Comment"}, {"String", "String"}, {"Escape", "SpecialChar"}, {"Variable", "Identifier"}, {"Braces", "Identifier"},
		{"Number", "Number"}, {"Address", "Constant"}, {"Endpoint", "Type"}, {"Operator", "Operator"}, {"Function", "Function"},
		{"Call", "Function"}, {"Option", "PreProc"}, {"OptionInside", "PreProc"}, {"ProgramOption", "PreProc"}, {"Statement", "Statement"},
		{"Control", "Conditional"}, {"Expect", "Statement"}, {"Not", "Operator"}, {"Probe", "Function"}, {"ProgramProbe", "Function"},
	} {
		f.line("hi def link nsl%s %s", link[0], link[1])
	}
}
