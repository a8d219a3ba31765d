package verb

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// Flat is a statement whose block, if its verb takes lines, has become words: a
// grammar reads '{', the words of each line with a ';' after them, and '}'. So the
// words of the lines are evaluated like all others. Other statements stay what
// they are.
func (t *Table) Flat(st *syntax.Statement) *syntax.Statement {
	v := t.Verb(st.Verb().Text)
	if v == nil || !v.Lines || st.Parts[0].Block == nil || nested(st) != nil {
		return st
	}
	block := st.Parts[0].Block
	open, end := block.Span, block.Span
	open.End, end.Start = open.Start+1, end.End-1
	tokens := append([]syntax.Token{}, st.Head()...)
	tokens = append(tokens, syntax.Token{Kind: syntax.BlockOpen, Span: open, Text: "{"})
	for _, line := range block.Statements {
		after := line.Span
		after.Start = after.End
		tokens = append(tokens, line.Head()...)
		tokens = append(tokens, syntax.Token{Kind: syntax.End, Span: after, Text: ";"})
	}
	tokens = append(tokens, syntax.Token{Kind: syntax.BlockClose, Span: end, Text: "}"})
	return &syntax.Statement{Span: st.Span, Doc: st.Doc, Bad: badLine(block), Parts: []syntax.Part{{Tokens: tokens}}}
}

// badLine reports a line that the splitter could not read, and has said so.
func badLine(b *syntax.Block) bool {
	for _, line := range b.Statements {
		if line.Bad {
			return true
		}
	}
	return false
}

// nested is the finding that a line of the block has a block itself, or that
// words follow it.
func nested(st *syntax.Statement) *diag.Diagnostic {
	name := st.Verb().Text
	for _, line := range st.Parts[0].Block.Statements {
		if b := line.Parts[0].Block; b != nil {
			return diag.TakesNoBlock(b.Span, "a line of "+name)
		}
	}
	if len(st.Parts) > 1 {
		return diag.UnexpectedWord(st.Parts[1].Tokens[0].Span, name, st.Parts[1].Tokens[0].Text).WithHelp("nothing follows the block")
	}
	return nil
}
