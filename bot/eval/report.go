package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Report is everything that is known of one run. Its JSON form is a contract: names do not change.
type Report struct {
	Scores      []Score      `json:"scores"`
	Categories  []Category   `json:"categories"`
	Calibration Calibration  `json:"calibration"`
	Confused    []Confusion  `json:"confused"`
	Robustness  []Robustness `json:"robustness,omitempty"`
	Comparison  *Comparison  `json:"comparison,omitempty"`
	Outcomes    []Outcome    `json:"outcomes"`
}

// NewReport counts what the outcomes say. category tells an article's, "" for no article.
func NewReport(outcomes []Outcome, category func(id string) string) *Report {
	return &Report{
		Scores:      Scores(outcomes),
		Categories:  Categories(outcomes, category),
		Calibration: Calibrate(outcomes),
		Confused:    Confusions(outcomes),
		Outcomes:    outcomes,
	}
}

// WriteJSON writes the whole report, a line for every part and for every outcome.
func (r *Report) WriteJSON(w io.Writer) error {
	parts := []part{{"scores", r.Scores}, {"categories", r.Categories}, {"calibration", r.Calibration}, {"confused", r.Confused}}
	if r.Robustness != nil {
		parts = append(parts, part{"robustness", r.Robustness})
	}
	if r.Comparison != nil {
		parts = append(parts, part{"comparison", r.Comparison})
	}
	return writeRun(w, parts, r.Outcomes)
}

// WriteBaseline writes no more than a later run needs to be compared with, and nothing that changes
// with every fit: no confidence, no articles.
func (r *Report) WriteBaseline(w io.Writer) error {
	outcomes := make([]Outcome, len(r.Outcomes))
	for i, o := range r.Outcomes {
		outcomes[i] = Outcome{Question: o.Question, Labels: o.Labels, Decision: o.Decision, Place: o.Place, Offered: o.Offered}
	}
	return writeRun(w, nil, outcomes)
}

// part is one field of a run's JSON.
type part struct {
	name  string
	value any
}

func writeRun(w io.Writer, parts []part, outcomes []Outcome) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b) // it ends each value with a line feed, which JSON ignores
	enc.SetEscapeHTML(false)
	b.WriteString("{\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "%q: ", p.name)
		if err := enc.Encode(p.value); err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
		b.Truncate(b.Len() - 1)
		b.WriteString(",\n")
	}
	b.WriteString("\"outcomes\": [\n")
	for i := range outcomes {
		if err := enc.Encode(&outcomes[i]); err != nil {
			return fmt.Errorf("write the outcome of %q: %w", outcomes[i].Question, err)
		}
		if i < len(outcomes)-1 {
			b.Truncate(b.Len() - 1)
			b.WriteString(",\n")
		}
	}
	b.WriteString("]\n}\n")
	_, err := w.Write(b.Bytes())
	return err
}

// ReadRun reads the outcomes of a run that WriteJSON or WriteBaseline wrote.
func ReadRun(r io.Reader) ([]Outcome, error) {
	var run struct {
		Outcomes []Outcome `json:"outcomes"`
	}
	dec := json.NewDecoder(r)
	if err := dec.Decode(&run); err != nil {
		return nil, fmt.Errorf("no stored run: %w; `yingda eval -save` writes one", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("no stored run: something stands behind it; `yingda eval -save` writes one")
	}
	if len(run.Outcomes) == 0 {
		return nil, errors.New("no stored run: it has no outcomes; `yingda eval -save` writes one")
	}
	for i := range run.Outcomes {
		o := &run.Outcomes[i]
		if o.Question == "" || len(o.Labels) == 0 || o.Decision == "" || o.Place < 0 {
			return nil, fmt.Errorf("no stored run: outcome %d has no question, labels, or decision; `yingda eval -save` writes one", i+1)
		}
	}
	return run.Outcomes, nil
}
