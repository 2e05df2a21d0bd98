package hostmod

import (
	"encoding/binary"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// calendarTable is struct tm, always in UTC. Older libraries pass times by address, of
// 32 or of 64 bits, which cannot be told apart: those are stubs.
var calendarTable = map[string][]variant{
	"localtime_js": {{"ji:", localtime}, {"iii:", joined(localtime)}, {"ji:i", judged(localtime)}, {"iii:i", joined(judged(localtime))}},
	"gmtime_js":    {{"ji:", gmtime}, {"iii:", joined(gmtime)}, {"ji:i", judged(gmtime)}, {"iii:i", joined(judged(gmtime))}},
	"mktime_js":    {{"i:j", mktime}, {"i:i", halved(mktime)}},
	"timegm_js":    {{"i:j", mktime}, {"i:i", halved(mktime)}},
	"tzset_js":     {{"iiii:", tzset}, {"iii:", tzsetAllocated}},
}

// maxSeconds is the range of dates in JavaScript, 273,790 years around 1970.
const maxSeconds = 8_640_000_000_000

func inCalendar(sec int64) bool { return -maxSeconds <= sec && sec <= maxSeconds }

// joined is a function for a first argument that comes in two halves.
func joined(fn function) function {
	return func(c call, stack []uint64) {
		stack[0], stack[1] = stack[0]&0xffffffff|stack[1]<<32, stack[2]
		fn(c, stack)
	}
}

// judged is a function on a time whose result is 0, or 1 for a time outside of the calendar.
func judged(fn function) function {
	return func(c call, stack []uint64) {
		if !inCalendar(int64(stack[0])) {
			stack[0] = 1
			return
		}
		fn(c, stack)
		stack[0] = 0
	}
}

// halved is a function whose result is taken in two halves.
func halved(fn function) function {
	return func(c call, stack []uint64) {
		fn(c, stack)
		c.env.high = uint32(stack[0] >> 32)
		stack[0] &= 0xffffffff
	}
}

// Fields of struct tm, of 32 bits each, in its order.
const (
	tmSec = iota
	tmMin
	tmHour
	tmMday
	tmMon
	tmYear
	tmWday
	tmYday
	tmIsdst
	tmGmtoff
	tmFields
)

func gmtime(c call, stack []uint64) { c.putTime("gmtime", stack, tmIsdst) }

func localtime(c call, stack []uint64) { c.putTime("localtime", stack, tmFields) }

// putTime stores the first n fields of the time in stack[0], in seconds since 1970.
func (c call) putTime(what string, stack []uint64, n int) {
	sec := int64(stack[0])
	if !inCalendar(sec) {
		panic(&Abort{what, "time is outside of the calendar"})
	}
	storeTime(c.must(what, api.DecodeU32(stack[1]), uint32(4*n)), time.Unix(sec, 0).UTC())
}

// storeTime fills as many fields as b has room for. The last two are zero in UTC.
func storeTime(b []byte, t time.Time) {
	fields := [tmFields]int{
		tmSec: t.Second(), tmMin: t.Minute(), tmHour: t.Hour(), tmMday: t.Day(), tmMon: int(t.Month()) - 1,
		tmYear: t.Year() - 1900, tmWday: int(t.Weekday()), tmYday: t.YearDay() - 1,
	}
	for i := range len(b) / 4 {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(fields[i]))
	}
}

// mktime is the seconds since 1970 of a struct tm, whose fields are put in order; -1:
// outside of the calendar.
func mktime(c call, stack []uint64) {
	b := c.must("mktime", api.DecodeU32(stack[0]), 4*tmGmtoff)
	stack[0] = ^uint64(0)
	var f [tmMon + 2]int
	for i := range f {
		f[i] = int(int32(binary.LittleEndian.Uint32(b[4*i:])))
		if f[i] < -1e9 || f[i] > 1e9 {
			return
		}
	}
	if f[tmYear] < -300_000 || f[tmYear] > 300_000 {
		return
	}
	t := time.Date(f[tmYear]+1900, time.Month(f[tmMon]+1), f[tmMday], f[tmHour], f[tmMin], f[tmSec], 0, time.UTC)
	if sec := t.Unix(); inCalendar(sec) {
		storeTime(b, t)
		stack[0] = uint64(sec)
	}
}

// tzset stores an offset of zero, no daylight saving, and the name of UTC twice.
func tzset(c call, stack []uint64) {
	c.putInt32("tzset", api.DecodeU32(stack[0]), 0)
	c.putInt32("tzset", api.DecodeU32(stack[1]), 0)
	copy(c.must("tzset", api.DecodeU32(stack[2]), 4), "UTC\x00")
	copy(c.must("tzset", api.DecodeU32(stack[3]), 4), "UTC\x00")
}

// tzsetAllocated is tzset with names that the guest's malloc has room for.
func tzsetAllocated(c call, stack []uint64) {
	offset, daylight, names := api.DecodeU32(stack[0]), api.DecodeU32(stack[1]), api.DecodeU32(stack[2])
	malloc, ok := c.exported("malloc", "_malloc")
	if !ok {
		panic(&Abort{"tzset", "the guest exports no malloc for the names"})
	}
	at := []uint64{4, 0}
	c.run("tzset", malloc, at)
	name := api.DecodeU32(at[0])
	copy(c.must("tzset", name, 4), "UTC\x00")
	c.putInt32("tzset", offset, 0)
	c.putInt32("tzset", daylight, 0)
	c.putPair("tzset", names, int32(name), int32(name))
}
