package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wasmffi/go/memview"
)

// flagSpec is a value that was given to numpy as flags.
type flagSpec struct {
	json  string   // as recorded
	names []string // of a string, as its only item, or of a list
	list  bool     // a list or tuple
	mask  *int64   // an int
	alien bool     // a value that no Go call can give: a bool, a float, a list of other things than strings
}

func (f *flagSpec) UnmarshalJSON(b []byte) error {
	*f = flagSpec{json: string(b)}
	var text string
	var items []*string
	var number int64
	switch {
	case f.json == "null":
	case json.Unmarshal(b, &text) == nil:
		f.names = []string{text}
	case json.Unmarshal(b, &items) == nil && !slices.Contains(items, nil):
		f.list = true
		for _, name := range items {
			f.names = append(f.names, *name)
		}
	case json.Unmarshal(b, &number) == nil && number >= math.MinInt32 && number <= math.MaxUint32:
		f.mask = &number
	default:
		f.alien = true
	}
	return nil
}

// parse is our reading of the value. It must not be alien.
func (f *flagSpec) parse() (memview.Flags, error) {
	if f.mask != nil {
		return memview.Flags(uint32(*f.mask)), nil
	}
	return memview.ParseFlags(f.names...)
}

// What numpy knows about flags, apart from memview's tables: the values, the
// names that it reads, and those that it reports, in its order.
const (
	flagX    = 0x2000
	allFlags = 0x1 | 0x2 | 0x4 | 0x100 | 0x400 | flagX
)

var flagValues = map[string]int64{
	"C": 0x1, "CONTIGUOUS": 0x1, "C_CONTIGUOUS": 0x1,
	"F": 0x2, "FORTRAN": 0x2, "F_CONTIGUOUS": 0x2,
	"O": 0x4, "OWNDATA": 0x4,
	"A": 0x100, "ALIGNED": 0x100,
	"W": 0x400, "WRITEABLE": 0x400,
	"X": flagX, "WRITEBACKIFCOPY": flagX,
}

var reportedFlags = []string{"C_CONTIGUOUS", "F_CONTIGUOUS", "ALIGNED", "WRITEABLE", "OWNDATA", "WRITEBACKIFCOPY"}

// combine sums the values of the names as numpy does, and ORs them as we do,
// after splitting at commas. It fails when a name is none of numpy's.
func (f *flagSpec) combine() (sum, or int64, ok bool) {
	for _, list := range f.names {
		for name := range strings.SplitSeq(list, ",") {
			v, known := flagValues[strings.ToUpper(strings.TrimSpace(name))]
			if !known {
				return 0, 0, false
			}
			sum, or = sum+v, or|v
		}
	}
	return sum, or, true
}

// commas reports whether an item of a list holds a comma.
func (f *flagSpec) commas() bool {
	return f.list && slices.ContainsFunc(f.names, func(s string) bool { return strings.Contains(s, ",") })
}

// meaning is a mask as numpy would hold it, which tells 0 and null apart, and
// has a sign.
func (f *flagSpec) meaning(mask memview.Flags) string {
	if f.json == "null" {
		return "None"
	}
	if f.mask != nil && *f.mask < 0 {
		return flagText(int64(int32(mask)))
	}
	return flagText(int64(mask))
}

func flagText(num int64) string { return fmt.Sprintf("%#x", num) }

// reported is the names of a mask as numpy reports them.
func reported(num int64) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(reportedFlags), func(name string) bool {
		return num&flagValues[name] == 0
	}), ", ")
}
