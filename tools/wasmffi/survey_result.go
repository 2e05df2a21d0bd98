package main

import (
	"fmt"
	"strings"

	"github.com/wasmffi/go/loader"
)

// The levels that a module may reach, in their order.
const (
	levelFound        = "found"
	levelDecoded      = "decoded"
	levelAdmitted     = "admitted"
	levelCompiled     = "compiled"
	levelInstantiated = "instantiated"
	levelConstructed  = "constructed" // which is no step on the way to arrays
	levelArrays       = "arrays"
)

var levels = []string{levelFound, levelDecoded, levelAdmitted, levelCompiled, levelInstantiated, levelArrays}

// surveyed is the outcome of a survey.
type surveyed struct {
	Modules []surveyedModule `json:"modules"`
	Levels  []surveyedLevel  `json:"levels"`
	Failed  int              `json:"failed"` // modules that did not load
}

// surveyedModule is the outcome for one module.
type surveyedModule struct {
	File         string               `json:"file"` // in the folder, with slashes
	Digest       string               `json:"sha256,omitempty"`
	Toolchain    loader.Toolchain     `json:"toolchain,omitempty"`
	Allocator    loader.AllocatorKind `json:"allocator"` // none: arrays go to the host's arena
	Level        string               `json:"level"`     // the last that was reached; empty: none
	OK           bool                 `json:"ok"`
	NoMemory     bool                 `json:"no_memory,omitempty"` // so there is no level of arrays
	Constructed  bool                 `json:"constructed"`         // its constructor was run, if it has one
	Note         string               `json:"note,omitempty"`      // why it was not, of one that loads
	Reason       string               `json:"reason,omitempty"`    // why it went no further
	Milliseconds int64                `json:"ms"`
	reached      int                  // levels
}

// surveyedLevel is how many modules got to a level.
type surveyedLevel struct {
	Level   string `json:"level"`
	Modules int    `json:"modules"`
}

// reach notes a level, which must be the next one.
func (m *surveyedModule) reach(level string) {
	m.Level = level
	m.reached++
}

// text is a line about the module, without its name.
func (m *surveyedModule) text() string {
	if !m.OK {
		return "FAILED: " + m.Reason
	}
	text := "ok"
	if m.Toolchain != loader.UnknownToolchain {
		text += ", " + string(m.Toolchain)
	}
	switch {
	case m.NoMemory:
		text += ", no memory"
	case m.Allocator == loader.AllocNone:
		text += ", no allocator"
	default:
		text += ", allocator " + string(m.Allocator)
	}
	if m.Note != "" {
		text += ", WITHOUT its constructor: " + m.Note
	}
	return text
}

// count makes the levels.
func (s *surveyed) count() {
	for k, l := range levels {
		n := 0
		for _, m := range s.Modules {
			if m.reached > k {
				n++
			}
		}
		s.Levels = append(s.Levels, surveyedLevel{l, n})
		if l == levelInstantiated {
			s.Levels = append(s.Levels, surveyedLevel{levelConstructed, s.constructed()})
		}
	}
	for _, m := range s.Modules {
		if !m.OK {
			s.Failed++
		}
	}
}

// constructed is how many were constructed.
func (s *surveyed) constructed() (n int) {
	for _, m := range s.Modules {
		if m.Constructed {
			n++
		}
	}
	return n
}

// table is the levels as text.
func (s *surveyed) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", count(len(s.Modules), "module"))
	for _, l := range s.Levels {
		fmt.Fprintf(&b, "  %-13s %4d\n", l.Level, l.Modules)
	}
	own, none := 0, 0
	for _, m := range s.Modules {
		switch {
		case m.Allocator != loader.AllocNone:
			own++
		case m.Level == levelArrays:
			none++
		}
	}
	fmt.Fprintf(&b, "  %-13s %4d\n  %-13s %4d\n", "own allocator", own, "host's arena", none)
	return b.String()
}
