package syntax

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Part is a run of tokens and the block after it, if there is one.
type Part struct {
	Tokens []Token
	Block  *Block
}

// Statement is one statement, not yet parsed by its verb. It has one part,
// or several when blocks and words alternate (if … { … } else { … }).
type Statement struct {
	Span  source.Span
	Parts []Part
	// Doc is the comment right above it, without the signs.
	Doc string
	// Bad is set when a diagnostic about it has been made already.
	Bad bool
}

// Verb is the first word.
func (s *Statement) Verb() Token { return s.Parts[0].Tokens[0] }

// Head are the tokens before the first block.
func (s *Statement) Head() []Token { return s.Parts[0].Tokens }

// Dynamic reports whether a head holds "$" interpolations.
func (s *Statement) Dynamic() bool {
	for _, p := range s.Parts {
		for _, t := range p.Tokens {
			if t.Dynamic {
				return true
			}
		}
	}
	return false
}

// Block is the statements between "{" and "}".
type Block struct {
	Span       source.Span
	Statements []*Statement
}

// Tree is a file split into statements.
type Tree struct {
	File       *source.File
	Statements []*Statement
	// Tokens are all tokens, comments and ends of statements included.
	Tokens []Token
	Diags  diag.List
	// Open is set when the text may go on: see [Lexed.Open].
	Open bool
}

// Split cuts a file into statements. None has a command line: see [SplitAs].
func Split(f *source.File) *Tree { return SplitAs(f, nil) }

// SplitAs is [Split] with a dialect.
func SplitAs(f *source.File, d Dialect) *Tree {
	lexed := LexAs(f, d)
	s := &splitter{tokens: lexed.Tokens}
	tree := &Tree{File: f, Tokens: lexed.Tokens, Diags: lexed.Diags, Open: lexed.Open}
	tree.Statements = s.statements(false)
	tree.Diags.Add(s.diags...)
	sortByPlace(tree.Diags)
	return tree
}

type splitter struct {
	tokens []Token
	pos    int
	diags  diag.List
	// doc are the comment lines since the last blank line or statement.
	doc []string
}

// statements reads up to the end of the text, or of the block it is in.
func (s *splitter) statements(inBlock bool) []*Statement {
	var list []*Statement
	for s.pos < len(s.tokens) {
		switch t := s.tokens[s.pos]; {
		case t.Kind == End || t.Kind == Comment:
			s.comment(t)
			s.pos++
		case t.Kind == BlockClose && inBlock:
			return list
		default:
			list = append(list, s.statement())
		}
	}
	return list
}

// comment keeps the comment lines that may be right above a statement: a
// blank line, or code before the sign, ends them.
func (s *splitter) comment(t Token) {
	switch {
	case t.Kind == Comment && (s.pos == 0 || s.tokens[s.pos-1].Kind == End || s.tokens[s.pos-1].Kind == BlockOpen):
		s.doc = append(s.doc, strings.TrimPrefix(strings.TrimPrefix(t.Text, "#"), " "))
	case t.Kind == End && s.pos > 0 && s.tokens[s.pos-1].Kind != Comment:
		s.doc = nil
	}
}

func (s *splitter) statement() *Statement {
	first := s.tokens[s.pos]
	st := &Statement{Span: first.Span, Doc: strings.Join(s.doc, "\n")}
	s.doc = nil
	for {
		part, more := s.part(st)
		st.Parts = append(st.Parts, part)
		if !more {
			break
		}
	}
	if len(st.Parts[0].Tokens) == 0 {
		s.lonelyBlock(st, first)
	}
	return st
}

func (s *splitter) lonelyBlock(st *Statement, first Token) {
	st.Parts[0].Tokens = []Token{{Kind: Bad, Span: first.Span, Text: first.Text}}
	st.Bad = true
	s.diags.Add(diag.Errorf(diag.LonelyBlock, first.Span, "a block with no statement before it").
		WithHelp(`a block belongs to a statement: test "name" { … }`))
}

// part reads tokens up to the end of the statement or of a block; more tells
// that the statement goes on after the block with "else".
func (s *splitter) part(st *Statement) (p Part, more bool) {
	p.Tokens = make([]Token, 0, s.wordsAhead())
	for ; s.pos < len(s.tokens); s.pos++ {
		t := s.tokens[s.pos]
		switch t.Kind {
		case Comment:
			continue
		case End, BlockClose:
			return p, false
		case BlockOpen:
			p.Block = s.block(st)
			st.Span = st.Span.To(p.Block.Span)
			return p, s.pos < len(s.tokens) && s.tokens[s.pos].Is("else")
		case Bad:
			st.Bad = true
		}
		p.Tokens = append(p.Tokens, t)
		st.Span = st.Span.To(t.Span)
	}
	return p, false
}

// wordsAhead is the number of tokens up to the end of the part, about.
func (s *splitter) wordsAhead() int {
	for i := s.pos; i < len(s.tokens); i++ {
		if k := s.tokens[i].Kind; k == End || k == BlockOpen || k == BlockClose {
			return i - s.pos
		}
	}
	return len(s.tokens) - s.pos
}

func (s *splitter) block(st *Statement) *Block {
	b := &Block{Span: s.tokens[s.pos].Span}
	s.pos++
	b.Statements = s.statements(true)
	if s.pos == len(s.tokens) {
		st.Bad = true // the lexer has said that the block is never closed
		return b
	}
	b.Span = b.Span.To(s.tokens[s.pos].Span)
	s.pos++
	return b
}
