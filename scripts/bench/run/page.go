package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// The figures of a page are between these lines.
const (
	figuresBegin = "<!-- figures: written by make bench -->\n"
	figuresEnd   = "<!-- end of the figures -->\n"
)

// writePage replaces the figures of a page; "" is none. It writes none of a benchmark that was
// interrupted.
func (r *Report) writePage(ctx context.Context, file string) error {
	if file == "" || ctx.Err() != nil {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	page, err := withFigures(string(text), r.markdown(time.Now()))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(page), 0o644)
}

func withFigures(page, figures string) (string, error) {
	before, rest, begun := strings.Cut(page, figuresBegin)
	_, after, ended := strings.Cut(rest, figuresEnd)
	if !begun || !ended {
		return "", fmt.Errorf("has no lines %q and %q", strings.TrimSpace(figuresBegin), strings.TrimSpace(figuresEnd))
	}
	return before + figuresBegin + figures + figuresEnd + after, nil
}

// markdown is the figures as tables.
func (r *Report) markdown(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s: Linux %s, %d processors (%s).\n", now.Format("2006-01-02"), r.Machine.Kernel, r.Machine.CPUs, r.Machine.CPU)
	if noisy, turns := r.noisy(); noisy > 0 {
		fmt.Fprintf(&b, "The machine was busy with other programs before %d of %d turns.\n", noisy, turns)
	}
	if len(r.Builds) > 0 {
		b.WriteString("\n| lab | built by | median | fastest | runs | ms a node | × floor | processor time | × floor |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	}
	for _, race := range r.Builds {
		for i, t := range topologies() {
			if t.name == race.Lab {
				race.rows(&b, buildTable(topologies()[i], race.N))
			}
		}
	}
	if r.Short != nil {
		b.WriteString("\n| | | median | fastest | runs | ms | × floor | processor time | × floor |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
		r.Short.rows(&b, shortTable())
	}
	if r.Mesh != nil {
		b.WriteString("\n| | pinged by | median | fastest | runs | µs a ping | × nsl |\n|---|---|--:|--:|--:|--:|--:|\n")
		r.Mesh.rows(&b, meshTable(r.Mesh.N, false))
	}
	return b.String()
}

// noisy is before how many turns the machine did not become quiet.
func (r *Report) noisy() (noisy, turns int) {
	for _, race := range r.races() {
		for _, result := range race.Results {
			noisy += result.Noisy
			turns += max(len(result.Seconds), result.Noisy)
		}
	}
	return noisy, turns
}

// rows are those of a race; of what failed there are none.
func (s Race) rows(b *strings.Builder, t table) {
	title := t.title
	for _, r := range s.Results {
		if r.Failed != "" || len(r.Seconds) == 0 {
			continue
		}
		time, cpu := s.ratios(r, t.base)
		fmt.Fprintf(b, "| %s | %s | %.3f s | %.3f s | %d | %.2f | %s |", title, r.Name, r.median(),
			slices.Min(r.Seconds), len(r.Seconds), t.times*r.median(), time)
		if used := median(r.CPU); used > 0 {
			fmt.Fprintf(b, " %.3f s | %s |", used, cpu)
		}
		b.WriteString("\n")
		title = ""
	}
}
