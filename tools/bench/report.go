package main

import (
	"encoding/json"
	"io"
	"time"
)

// report is everything that one run found out.
type report struct {
	Machine machine         `json:"machine"`
	Date    time.Time       `json:"date"`
	Command string          `json:"command"`
	Groups  []measuredGroup `json:"groups"`
}

type measuredGroup struct {
	Name    string        `json:"name"`
	Title   string        `json:"title"`
	Skipped string        `json:"skipped,omitempty"` // why there are no rows
	Rows    []measurement `json:"rows,omitempty"`
}

// measurement is one row as measured. Times are nanoseconds an operation.
type measurement struct {
	Name       string   `json:"name"`
	Skipped    string   `json:"skipped,omitempty"` // why there are no times
	Best       float64  `json:"best_ns"`
	Median     float64  `json:"median_ns"`
	Max        float64  `json:"max_ns,omitempty"` // where that is what counts
	Rounds     int      `json:"rounds"`
	Iterations int      `json:"iterations"` // operations a round
	Allocs     *float64 `json:"allocs,omitempty"`
	Targets    []judged `json:"targets,omitempty"`
}

// value is the time that counts.
func (m measurement) value() float64 {
	if m.Max > 0 {
		return m.Max
	}
	return m.Best
}

// count is how many targets got that verdict.
func (r report) count(v verdict) int {
	n := 0
	for _, g := range r.Groups {
		for _, m := range g.Rows {
			for _, j := range m.Targets {
				if j.Verdict == v {
					n++
				}
			}
		}
	}
	return n
}

func writeJSON(w io.Writer, r report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
