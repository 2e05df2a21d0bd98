package memview

import (
	"fmt"
	"slices"
	"strings"
)

// Flags are numpy's array flags, with its bit values (numpy row 41).
type Flags uint32

// The flags. All but OwnData follow from layout and access of an array, so
// that they cannot lie.
const (
	CContiguous     Flags = 0x0001 // elements lie in C order without gaps
	FContiguous     Flags = 0x0002 // elements lie in Fortran order without gaps
	OwnData         Flags = 0x0004 // allocated for the array, to be freed by its owner
	Aligned         Flags = 0x0100 // address and strides fit the dtype's alignment
	Writeable       Flags = 0x0400 // may be written through
	WriteBackIfCopy Flags = 0x2000 // no array has it; Go memory is staged by direction instead

	// AllFlags is every bit that has a meaning.
	AllFlags = CContiguous | FContiguous | OwnData | Aligned | Writeable | WriteBackIfCopy
)

// flagNames is in the order in which numpy reports flags (numpy row 66), each
// with the other names that it goes by.
var flagNames = []struct {
	flag  Flags
	name  string
	alias []string
}{
	{CContiguous, "C_CONTIGUOUS", []string{"C", "CONTIGUOUS"}},
	{FContiguous, "F_CONTIGUOUS", []string{"F", "FORTRAN"}},
	{Aligned, "ALIGNED", []string{"A"}},
	{Writeable, "WRITEABLE", []string{"W"}},
	{OwnData, "OWNDATA", []string{"O"}},
	// U and UPDATEIFCOPY left numpy in 1.23; they are deprecated aliases here.
	{WriteBackIfCopy, "WRITEBACKIFCOPY", []string{"X", "U", "UPDATEIFCOPY"}},
}

// ParseFlags reads flag names, each alone or separated by commas, in any case and
// with white space around (numpy rows 37-39): ParseFlags("C, W") is
// ParseFlags("C", "W"). Naming a flag twice is naming it once. No names at all
// are no flags; an empty name is an error.
func ParseFlags(names ...string) (Flags, error) {
	var f Flags
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			bit, err := parseFlag(name)
			if err != nil {
				return 0, err
			}
			f |= bit
		}
	}
	return f, nil
}

func parseFlag(name string) (Flags, error) {
	word := strings.ToUpper(strings.TrimSpace(name))
	for _, n := range flagNames {
		if word == n.name {
			return n.flag, nil
		}
		if slices.Contains(n.alias, word) {
			return n.flag, nil
		}
	}
	hint := ""
	switch word {
	case "CARRAY", "FARRAY", "BEHAVED", "DEFAULT":
		hint = "; numpy has no composite names either, write C,A,W"
	case "WRITABLE":
		hint = "; write WRITEABLE"
	}
	return 0, fmt.Errorf("unknown flag %s, want one of C, F, O, A, W, X or their long names%s", clip(name), hint)
}

// String lists the names as numpy's messages do: "C_CONTIGUOUS, WRITEABLE".
// Bits without a meaning are printed in hex.
func (f Flags) String() string {
	var names []string
	for _, n := range flagNames {
		if f&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	if rest := f &^ AllFlags; rest != 0 {
		names = append(names, fmt.Sprintf("%#x", uint32(rest)))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
