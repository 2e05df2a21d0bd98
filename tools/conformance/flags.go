package main

import (
	"bytes"
	"encoding/json"
	"math"
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
	var number int64
	switch {
	case f.json == "null":
	case b[0] == '"':
		f.names = []string{text}
		return json.Unmarshal(b, &f.names[0])
	case b[0] == '[' && !bytes.Contains(b, []byte("null")) && json.Unmarshal(b, &f.names) == nil:
		f.list = true
	case json.Unmarshal(b, &number) == nil && number >= math.MinInt32 && number <= math.MaxUint32:
		f.mask = &number
	default:
		f.alien, f.names = true, nil
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

// numpyFlags are the names that numpy reads, apart from memview's table of them.
var numpyFlags = map[string]memview.Flags{
	"C": 1, "CONTIGUOUS": 1, "C_CONTIGUOUS": 1,
	"F": 2, "FORTRAN": 2, "F_CONTIGUOUS": 2,
	"O": 4, "OWNDATA": 4,
	"A": 0x100, "ALIGNED": 0x100,
	"W": 0x400, "WRITEABLE": 0x400,
	"X": 0x2000, "WRITEBACKIFCOPY": 0x2000,
}

// combine sums the values of the names as numpy does, and ORs them as we do,
// after splitting at commas. It fails when a name is none of numpy's.
func (f *flagSpec) combine() (sum int64, or memview.Flags, ok bool) {
	for _, list := range f.names {
		for name := range strings.SplitSeq(list, ",") {
			v, known := numpyFlags[strings.ToUpper(strings.TrimSpace(name))]
			if !known {
				return 0, 0, false
			}
			sum += int64(v)
			or |= v
		}
	}
	return sum, or, true
}
