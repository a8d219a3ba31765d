package diag

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"nsl/lang/source"
)

// sarifSchema is the identifier of the schema (SARIF 2.1.0 with errata 01, OASIS).
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    Code      `json:"id"`
		Name  string    `json:"name"`
		Short sarifText `json:"shortDescription"`
		Help  sarifText `json:"help"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID    Code            `json:"ruleId,omitempty"`
		RuleIndex *int            `json:"ruleIndex,omitempty"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifLocation struct {
		ID       *int          `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// WriteSARIF writes the findings as a SARIF 2.1.0 log, for code hosts and
// editors. Lines and columns are 1-based, columns count code points (the log
// says so), the end is exclusive. The version is that of nsl.
func WriteSARIF(w io.Writer, set *source.Set, list List, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: make([]sarifResult, 0, len(list))}
	run.Tool.Driver = sarifDriver{Name: "nsl", Version: version, Rules: sarifRules()}
	index := map[Code]int{}
	for i, rule := range run.Tool.Driver.Rules {
		index[rule.ID] = i
	}
	for _, d := range list {
		run.Results = append(run.Results, sarifResultOf(set, d, index))
	}
	enc := json.NewEncoder(NewJSONWriter(w))
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifRules() []sarifRule {
	var rules []sarifRule
	for _, r := range Rules() {
		rules = append(rules, sarifRule{ID: r.Code, Name: r.Name, Short: sarifText{Text: r.Title},
			Help: sarifText{Text: strings.ReplaceAll(r.Text, "**", ""), Markdown: r.Text}})
	}
	return rules
}

func sarifResultOf(set *source.Set, d *Diagnostic, rules map[Code]int) sarifResult {
	r := sarifResult{RuleID: d.Code, Level: "error", Message: sarifText{Text: d.Summary}}
	if d.Severity == Warning {
		r.Level = "warning"
	}
	if d.Help != "" {
		r.Message.Text += "\n" + d.Help
	}
	if i, found := rules[d.Code]; found {
		r.RuleIndex = &i
	}
	if p := place(set, d.Subject); p != nil {
		r.Locations = []sarifLocation{{Physical: physical(p)}}
	}
	if fix, ok := d.Fix(set); ok {
		if p := place(set, fix.Span); p != nil {
			r.Fixes = []sarifFix{{sarifText{Text: d.Help}, []sarifChange{{physical(p).Artifact,
				[]sarifReplacement{{regionOf(p), sarifText{Text: fix.Text}}}}}}}
		}
	}
	for _, rel := range d.Related {
		if p := place(set, rel.Span); p != nil {
			id := len(r.Related) + 1
			r.Related = append(r.Related, sarifLocation{ID: &id, Physical: physical(p), Message: &sarifText{Text: rel.Text}})
		}
	}
	return r
}

func physical(p *jsonPlace) sarifPhysical {
	return sarifPhysical{Artifact: sarifArtifact{fileURI(p.File)}, Region: regionOf(p)}
}

func regionOf(p *jsonPlace) sarifRegion { return sarifRegion{p.Line, p.Column, p.EndLine, p.EndColumn} }

// fileURI is a file's name as a URI reference (RFC 3986): a relative name stays
// relative.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
