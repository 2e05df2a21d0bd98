package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unnoticed are the places of records where a change may go unnoticed, with
// what is below them. Each is something that was given to numpy, so that the
// changed record could be true; or a text that is not compared. A change
// anywhere else must be reported.
var unnoticed = map[string][]string{
	"ndpointer": {
		"id", "corner", "error",
		"array.dtype", "array.shape", "array.strides", "array.buffer_len",
		"restrict.ndim", "restrict.flags", "restrict.dtype.aligned", "restrict.dtype_in.aligned",
	},
	"layouts": {"id"},
	"ctor": {
		"value", "form", "exc", "error", "note",
		// The compiler refuses the value: of what numpy makes of it only "ok" counts.
		"alien value", "alien form", "alien exc", "alien error",
		"alien num", "alien reported", "alien shape", "alien message_for_2x3",
	},
}

// TestEveryChangeIsNoticed changes recorded cases at every place, and requires
// that the change is a difference, or makes the record malformed. So no rule
// of design.go hides what it does not foretell.
func TestEveryChangeIsNoticed(t *testing.T) {
	for verb, lines := range map[string][]string{
		"ndpointer": recordedLines(t, arrayFile),
		"layouts":   recordedLines(t, oddLayoutFile),
		"ctor":      recordedLines(t, ctorFile),
	} {
		t.Run(verb, func(t *testing.T) {
			needed := map[string]bool{}
			for i, line := range lines {
				if verb != "ctor" && i%2 == 1 {
					continue // the other half says as much, and takes as long
				}
				for _, m := range changes(parsed(t, line)) {
					changed, err := json.Marshal(m.record)
					require.NoError(t, err)
					if verb == "ctor" && alien(changed) {
						m.place = "alien " + m.place
					}
					if at := slices.IndexFunc(unnoticed[verb], m.within); at >= 0 {
						if !needed[unnoticed[verb][at]] {
							needed[unnoticed[verb][at]] = !notices(verb, changed)
						}
					} else if !notices(verb, changed) {
						t.Errorf("%s of %s", m.what, line)
					}
				}
			}
			for _, place := range unnoticed[verb] {
				require.True(t, needed[place], "every change at %s is noticed", place)
			}
		})
	}
}

// alien reports whether a record is about a value that no Go call can give.
func alien(line []byte) bool {
	c := new(ctorCase)
	return decode(line, c) == nil && c.read(line) == nil && c.alien
}

// notices reports whether the replay of a record reports a difference or
// calls the record malformed.
func notices(verb string, line []byte) bool {
	o, err := verbs[verb](line)
	if err != nil {
		return true
	}
	o.settle()
	return len(o.differs) > 0
}

func parsed(t *testing.T, line string) (record any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	require.NoError(t, d.Decode(&record))
	return record
}

// change is a record in which one place is not as it was.
type change struct {
	place  string // such as "array.shape[]"
	what   string
	record any
}

func (c change) within(place string) bool {
	rest, ok := strings.CutPrefix(c.place, place)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

var index = regexp.MustCompile(`\[\d+\]`)

// changes are the changes to a record: other values, null, and missing keys.
func changes(record any) (all []change) {
	add := func(path, what string, record any) {
		all = append(all, change{index.ReplaceAllString(path, "[]"), path + " " + what, record})
	}
	var walk func(path string, v any, put func(any) any)
	walk = func(path string, v any, put func(any) any) {
		if path != "" {
			for _, other := range others(v) {
				if reflect.DeepEqual(other, v) {
					continue
				}
				add(path, fmt.Sprintf("%v for %v", other, v), put(other))
			}
		}
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				at := strings.TrimPrefix(path+"."+key, ".")
				with := func(other any) any {
					m := maps.Clone(v)
					m[key] = other
					return put(m)
				}
				without := maps.Clone(v)
				delete(without, key)
				add(at, "missing", put(without))
				walk(at, value, with)
			}
		case []any:
			for i, value := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), value, func(other any) any {
					l := slices.Clone(v)
					l[i] = other
					return put(l)
				})
			}
		}
	}
	walk("", record, func(v any) any { return v })
	return all
}

// others are values to put in the place of v.
func others(v any) []any {
	switch v := v.(type) {
	case nil:
		return []any{true, 1, "x", []any{}, []any{1}, map[string]any{}}
	case bool:
		return []any{!v, nil, 0}
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return []any{nil, "x"}
		}
		return []any{n + 1, n - 1, n + 1<<32, 0.5, nil, "x"}
	case string:
		digit := func(r rune) rune {
			if '0' <= r && r <= '8' {
				return r + 1
			}
			return r
		}
		swapped := strings.NewReplacer("<", ">", ">", "<", "i", "u", "u", "i").Replace(v)
		return []any{"", v + "x", nil, 1, []any{v, v}, strings.Map(digit, v), swapped}
	case []any:
		all := []any{nil, "x", append(slices.Clone(v), 7)}
		if len(v) > 0 {
			all = append(all, v[1:], append(slices.Clone(v), v[0]))
		}
		if len(v) > 1 {
			r := slices.Clone(v)
			slices.Reverse(r)
			all = append(all, r)
		}
		return all
	default:
		return []any{nil, 1}
	}
}
