package memview

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// notATime is the tick count of numpy's NaT.
const notATime = math.MinInt64

// timeUnits are numpy's names of units: what a timedelta is counted in, and how
// many decimals of a second a datetime has (datetime_strings.c,
// NpyDatetime_... ISO 8601 rules). Units above the second come with -1.
var timeUnits = map[string]struct {
	name     string
	decimals int
}{
	"": {"generic time units", -1}, "Y": {"years", -1}, "M": {"months", -1}, "W": {"weeks", -1}, "D": {"days", -1},
	"h": {"hours", -1}, "m": {"minutes", -1}, "s": {"seconds", 0}, "ms": {"milliseconds", 3}, "us": {"microseconds", 6},
	"ns": {"nanoseconds", 9}, "ps": {"picoseconds", 12}, "fs": {"femtoseconds", 15}, "as": {"attoseconds", 18},
}

// timeUnit splits the unit of a datetime into multiplier and name: 25, "s".
func timeUnit(d DType) (int64, string) {
	all := d.Unit()
	name := strings.TrimLeft(all, "0123456789")
	n, err := strconv.ParseInt(all[:len(all)-len(name)], 10, 64)
	if err != nil {
		n = 1 // nothing before the name
	}
	return n, name
}

func ticksOf(cell []byte, d DType) int64 { return int64(d.t.order().Uint64(cell)) }

// timeFormat aligns datetimes and timedeltas on the right, by the widths of the
// latest and the earliest (numpy's _TimelikeFormat): one in between may
// be wider and then stands out, as it does there.
func timeFormat(cells [][]byte, d DType) cellFormat {
	plain := func(ticks int64) string { return strconv.FormatInt(ticks, 10) }
	if d.t.kind == Datetime {
		plain = func(ticks int64) string { return "'" + dateText(ticks, d) + "'" }
	}
	var first, last int64
	times := 0
	for _, c := range cells {
		t := ticksOf(c, d)
		if t == notATime {
			continue
		}
		if times == 0 {
			first, last = t, t
		}
		first, last = min(first, t), max(last, t)
		times++
	}
	width := 0
	if times > 0 {
		width = max(len(plain(first)), len(plain(last)))
	}
	if times < len(cells) {
		width = max(width, len("'NaT'"))
	}
	return func(cell []byte) string {
		if t := ticksOf(cell, d); t != notATime {
			return padLeft(plain(t), width)
		}
		return padLeft("'NaT'", width)
	}
}

// dateText is a datetime in ISO 8601, down to its unit (numpy's
// datetime_as_string). As in numpy, the arithmetic wraps for
// dates beyond the years that int64 ticks of the unit can count. numpy
// has no text for ticks without a unit; they print as the number.
func dateText(ticks int64, d DType) string {
	n, unit := timeUnit(d)
	ticks *= n
	switch unit {
	case "":
		return strconv.FormatInt(ticks, 10)
	case "Y":
		return yearText(1970 + ticks)
	case "M":
		year, month := floorDiv(ticks, 12)
		return yearText(1970+year) + fmt.Sprintf("-%02d", month+1)
	case "W":
		return dayText(ticks * 7)
	case "D":
		return dayText(ticks)
	case "h":
		day, hour := floorDiv(ticks, 24)
		return dayText(day) + fmt.Sprintf("T%02d", hour)
	case "m":
		day, minute := floorDiv(ticks, 24*60)
		return dayText(day) + fmt.Sprintf("T%02d:%02d", minute/60, minute%60)
	}
	scale, decimals := int64(1), timeUnits[unit].decimals
	for range decimals {
		scale *= 10
	}
	seconds, part := floorDiv(ticks, scale)
	day, s := floorDiv(seconds, 24*60*60)
	text := dayText(day) + fmt.Sprintf("T%02d:%02d:%02d", s/3600, s/60%60, s%60)
	if decimals > 0 {
		text += fmt.Sprintf(".%0*d", decimals, part)
	}
	return text
}

// yearText has four characters at least, the sign among them.
func yearText(year int64) string { return fmt.Sprintf("%04d", year) }

// dayText is the date of a day since 1970 in the proleptic Gregorian calendar.
func dayText(day int64) string {
	// Eras of 400 years from 1 March 2000 on: the leap day is the last day of
	// a year and of an era.
	const era = 400*365 + 97
	day -= 30*365 + 7 + 31 + 29
	eras, rest := floorDiv(day, era)
	century := min(rest/36524, 3)
	rest -= century * 36524
	four := rest / 1461
	rest -= four * 1461
	one := min(rest/365, 3)
	rest -= one * 365
	year := 2000 + 400*eras + 100*century + 4*four + one
	// Months of 31 and 30 days alternate, from March and again from August
	// on, so that five of them always have 153 days.
	month := (5*rest + 2) / 153
	dayOfMonth := rest - (153*month+2)/5 + 1
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	return yearText(year) + fmt.Sprintf("-%02d-%02d", month, dayOfMonth)
}

// floorDiv divides with a remainder that is not negative.
func floorDiv(a, b int64) (quotient, remainder int64) {
	quotient, remainder = a/b, a%b
	if remainder < 0 {
		return quotient - 1, remainder + b
	}
	return quotient, remainder
}

// timeText is a datetime or timedelta as numpy prints the scalar, without
// quotes and with the unit of a timedelta spelled out.
func timeText(ticks int64, d DType) string {
	if ticks == notATime {
		return "NaT"
	}
	if d.t.kind == Datetime {
		return dateText(ticks, d)
	}
	n, unit := timeUnit(d)
	return strconv.FormatInt(ticks*n, 10) + " " + timeUnits[unit].name
}
