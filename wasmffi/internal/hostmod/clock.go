package hostmod

import (
	"time"

	"github.com/tetratelabs/wazero/api"
)

// clockTable is the clocks of emscripten, and sleeping.
var clockTable = map[string][]variant{
	"emscripten_get_now":              {{":d", milliseconds}},
	"emscripten_date_now":             {{":d", dateNow}},
	"emscripten_get_now_is_monotonic": {{":i", answer(1)}},
	"emscripten_get_now_res":          {{":d", func(_ call, stack []uint64) { stack[0] = api.EncodeF64(1e6) }}}, // in ns
	"clock_gettime":                   {{"ii:i", clockGettime}},
	"gettimeofday":                    {{"ii:i", gettimeofday}},
	"time":                            {{"i:i", timeOfC}},
	"usleep":                          {{"i:i", usleep}},
	"nanosleep":                       {{"ii:i", nanosleep}},
	"emscripten_thread_sleep":         {{"d:", threadSleep}},
	"setitimer_js":                    {{"id:i", setitimer}},
}

// milliseconds is those of the clock that never goes back.
func milliseconds(c call, stack []uint64) {
	stack[0] = api.EncodeF64(float64(c.env.ticks()) / 1e6)
}

// dateNow is whole milliseconds since 1970.
func dateNow(c call, stack []uint64) {
	sec, nsec := c.env.now()
	stack[0] = api.EncodeF64(float64(sec*1000 + int64(nsec)/int64(time.Millisecond)))
}

// The C library of emscripten imported these when its time_t had 32 bits.

func clockGettime(c call, stack []uint64) {
	var sec int64
	var nsec int32
	switch id := api.DecodeU32(stack[0]); id {
	case 0:
		sec, nsec = c.env.now()
	case 1:
		t := c.env.ticks()
		sec, nsec = t/1e9, int32(t%1e9)
	default:
		stack[0] = api.EncodeI32(-1)
		return
	}
	c.putPair("clock_gettime", api.DecodeU32(stack[1]), int32(sec), nsec)
	stack[0] = 0
}

func gettimeofday(c call, stack []uint64) {
	sec, nsec := c.env.now()
	c.putPair("gettimeofday", api.DecodeU32(stack[0]), int32(sec), nsec/1000)
	stack[0] = 0
}

func (c call) putPair(what string, p uint32, a, b int32) {
	c.must(what, p, 8)
	c.putInt32(what, p, a)
	c.putInt32(what, p+4, b)
}

func timeOfC(c call, stack []uint64) {
	sec, _ := c.env.now()
	if p := api.DecodeU32(stack[0]); p != 0 {
		c.putInt32("time", p, int32(sec))
	}
	stack[0] = api.EncodeI32(int32(sec))
}

func usleep(c call, stack []uint64) {
	c.env.sleep(c.ctx, int64(api.DecodeU32(stack[0]))*1000)
	stack[0] = 0
}

func nanosleep(c call, stack []uint64) {
	request, left := api.DecodeU32(stack[0]), api.DecodeU32(stack[1])
	c.must("nanosleep", request, 8)
	sec, nsec := c.int32("nanosleep", request), c.int32("nanosleep", request+4)
	if sec < 0 || nsec < 0 || nsec > 999_999_999 {
		stack[0] = api.EncodeI32(-1)
		return
	}
	if left != 0 {
		c.putPair("nanosleep", left, 0, 0)
	}
	c.env.sleep(c.ctx, int64(sec)*1e9+int64(nsec))
	stack[0] = 0
}

// threadSleep takes milliseconds. What is no number of them, or more than a day, is cut.
func threadSleep(c call, stack []uint64) {
	const day = 86_400_000
	if ms := api.DecodeF64(stack[0]); ms > 0 {
		c.env.sleep(c.ctx, int64(min(ms, day)*1e6))
	}
}

// setitimer can only be told that no timer is wanted: none would ever go off.
func setitimer(_ call, stack []uint64) {
	if ms := api.DecodeF64(stack[1]); ms != 0 {
		panic(&Abort{"_setitimer_js", "the host has no timers"})
	}
	stack[0] = 0
}
