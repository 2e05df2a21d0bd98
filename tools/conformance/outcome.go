package main

import (
	"fmt"
	"slices"
)

// outcome is what became of one case.
type outcome struct {
	id       string
	line     int
	differs  []difference
	evidence any    // what the rules of design.go judge: *arrayCase, *layoutCase or *ctorCase
	refused  string // row for which a restriction was refused when built, where numpy refuses each array; else empty
}

// difference is one thing that numpy and we say differently.
type difference struct{ field, numpy, ours string }

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

func (o *outcome) differ(field string, numpy, ours any) {
	o.differs = append(o.differs, difference{field, clip(numpy), clip(ours)})
}

// clip keeps a line of output readable.
func clip(v any) string {
	s := fmt.Sprint(v)
	if text, ok := v.(string); ok {
		s = fmt.Sprintf("%q", text)
	}
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}
