package main

import (
	"fmt"
	"slices"
)

// outcome is what became of one case.
type outcome struct {
	id       string
	differs  []difference
	evidence any    // what the rules of design.go judge: *arrayCase, *layoutCase or *ctorCase
	refused  string // the row for which a restriction was refused when built, of an array that numpy rejects; else empty
}

// difference is one thing that numpy and we say differently.
type difference struct{ field, numpy, ours string }

func (d difference) String() string {
	return fmt.Sprintf("%s: numpy %s, we %s", d.field, clip(d.numpy), clip(d.ours))
}

func differing(field string, numpy, ours any) difference {
	return difference{field, written(numpy), written(ours)}
}

func (o *outcome) differ(field string, numpy, ours any) {
	o.differs = append(o.differs, differing(field, numpy, ours))
}

// same compares one value.
func same[T comparable](o *outcome, field string, numpy, ours T) {
	if numpy != ours {
		o.differ(field, numpy, ours)
	}
}

// sameList compares lists; nil is the empty list.
func sameList[T comparable](o *outcome, field string, numpy, ours []T) {
	if !slices.Equal(numpy, ours) {
		o.differ(field, numpy, ours)
	}
}

func written(v any) string {
	if text, ok := v.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(v)
}

// clip keeps a line of output readable.
func clip(s string) string {
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}
