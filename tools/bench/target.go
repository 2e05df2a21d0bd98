package main

import "fmt"

// target is what the project demands of a row.
type target struct {
	against    string  // the row to compare with; empty: the time itself counts, in microseconds
	faster     bool    // at least so many times faster; else at most so many times slower
	garbage    bool    // allocations are shown, but cost no verdict
	must, goal float64 // 0: there is none; without a must the figure is only shown
}

// verdict says how a row did.
type verdict string

const (
	goalMet    verdict = "goal met"
	mustMet    verdict = "must met"
	missed     verdict = "MISSED"
	noBaseline verdict = "no baseline" // the row to compare with was left out
	shown      verdict = ""            // nothing is demanded
)

// judged is a target and how it was met.
type judged struct {
	Against string  `json:"against,omitempty"`
	Unit    string  `json:"unit"` // x: times slower, x faster, us
	Value   float64 `json:"value"`
	Must    float64 `json:"must,omitempty"`
	Goal    float64 `json:"goal,omitempty"`
	Verdict verdict `json:"verdict,omitempty"`
}

const (
	unitRatio  = "x"
	unitFaster = "x faster"
	unitMicros = "us"
)

// judge holds a measured row against the target. Calls on resident arrays promise to succeed without
// garbage, so a row that counts allocations misses its must when there are any, unless garbage is allowed.
func (t target) judge(m measurement, rows []measurement) judged {
	j := judged{Against: t.against, Unit: unitMicros, Value: m.value() / 1000, Must: t.must, Goal: t.goal}
	if t.against != "" {
		base := 0.0
		for _, r := range rows {
			if r.Name == t.against {
				base = r.Best
			}
		}
		j.Unit, j.Value = unitRatio, m.Best/base
		if t.faster {
			j.Unit, j.Value = unitFaster, base/m.Best
		}
		if base == 0 {
			j.Value, j.Verdict = 0, noBaseline
			return j
		}
	}
	meets := func(limit float64) bool {
		if t.faster {
			return j.Value >= limit
		}
		return j.Value <= limit
	}
	switch {
	case t.must == 0:
		j.Verdict = shown
	case !meets(t.must), m.Allocs != nil && *m.Allocs > 0 && !t.garbage:
		j.Verdict = missed
	case t.goal != 0 && meets(t.goal):
		j.Verdict = goalMet
	default:
		j.Verdict = mustMet
	}
	return j
}

// share is the part of what is allowed that was used: 1 is exactly the must.
func (j judged) share(value float64) float64 {
	if j.Unit == unitFaster {
		return j.Must / value
	}
	return value / j.Must
}

// limit is a must or a goal as text.
func (j judged) limit(x float64) string {
	switch {
	case x == 0:
		return ""
	case j.Unit == unitFaster:
		return fmt.Sprintf(">= %gx", x)
	case j.Unit == unitMicros:
		return fmt.Sprintf("<= %g us", x)
	}
	return fmt.Sprintf("<= %gx", x)
}

// text is the value with its unit.
func (j judged) text() string {
	switch {
	case j.Verdict == noBaseline:
		return "-"
	case j.Unit == unitFaster:
		return fmt.Sprintf("%.1fx faster", j.Value)
	case j.Unit == unitMicros:
		return fmt.Sprintf("%.1f us", j.Value)
	}
	return fmt.Sprintf("%.2fx", j.Value)
}
