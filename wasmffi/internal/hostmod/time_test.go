package hostmod_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// at is a clock that stands at 2001-02-03 04:05:06.789.
func at(slept *int64) *hostmod.Env {
	return &hostmod.Env{
		Walltime: func() (int64, int32) { return 981173106, 789_000_001 },
		Nanotime: func() int64 { return 5_250_000_000 },
		Sleep:    func(_ context.Context, ns int64) { *slept += ns },
	}
}

func TestClocks(t *testing.T) {
	for _, c := range []struct {
		name string
		want float64
	}{
		{"emscripten_get_now", 5250}, {"_emscripten_get_now", 5250}, {"emscripten_date_now", 981173106789}, {"emscripten_get_now_res", 1e6},
	} {
		g := start(t, at(nil), imported("env", c.name, ":d"))
		require.Equal(t, c.want, api.DecodeF64(g.result()), c.name)
	}
	for _, c := range []struct {
		name, types string
		args        []uint64
		at          uint32
		want        [2]int32
	}{
		{"clock_gettime", "ii:i", []uint64{0, 64}, 64, [2]int32{981173106, 789_000_001}},
		{"clock_gettime", "ii:i", []uint64{1, 64}, 64, [2]int32{5, 250_000_000}},
		{"gettimeofday", "ii:i", []uint64{64, 0}, 64, [2]int32{981173106, 789_000}},
	} {
		g := start(t, at(nil), imported("env", c.name, c.types))
		require.Zero(t, g.result(c.args...))
		require.Equal(t, c.want, [2]int32{g.int32(c.at), g.int32(c.at + 4)}, c.name)
	}
	g := start(t, at(nil), imported("env", "time", "i:i"))
	require.Equal(t, uint64(981173106), g.result(0))
	require.Zero(t, g.int32(0))
	require.Equal(t, uint64(981173106), g.result(8))
	require.Equal(t, int32(981173106), g.int32(8))
	abortOf(t, g.fails(65534))
	require.Equal(t, api.EncodeI32(-1), start(t, at(nil), imported("env", "clock_gettime", "ii:i")).result(9, 0))
}

func TestSleep(t *testing.T) {
	for _, c := range []struct {
		name, types string
		args        []uint64
		slept       int64
	}{
		{"usleep", "i:i", []uint64{1500}, 1_500_000},
		{"nanosleep", "ii:i", []uint64{64, 0}, 2_000_000_003},
		{"nanosleep", "ii:i", []uint64{72, 0}, 0},
		{"emscripten_thread_sleep", "d:", []uint64{api.EncodeF64(1.5)}, 1_500_000},
		{"emscripten_thread_sleep", "d:", []uint64{api.EncodeF64(-1)}, 0},
		{"emscripten_thread_sleep", "d:", []uint64{0x7ff8000000000000}, 0},
		{"emscripten_thread_sleep", "d:", []uint64{0x7ff0000000000000}, int64(24 * time.Hour)},
	} {
		var slept int64
		g := start(t, at(&slept), imported("env", c.name, c.types))
		g.put(64, "\x02\x00\x00\x00\x03\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00")
		_, err := g.call("0", c.args...)
		require.NoError(t, err)
		require.Equal(t, c.slept, slept, c.name)
	}
	start(t, &hostmod.Env{}, imported("env", "usleep", "i:i")).result(1<<32 - 1) // takes no time
}

// tm is the fields of struct tm at p, to tm_gmtoff.
func (g *guest) tm(p uint32) (f [10]int32) {
	for i := range f {
		f[i] = g.int32(p + 4*uint32(i))
	}
	return f
}

func TestCalendar(t *testing.T) {
	for _, c := range []struct {
		sec  int64
		want [10]int32
	}{
		{0, [10]int32{0, 0, 0, 1, 0, 70, 4, 0, -1, -1}},
		{951782399, [10]int32{59, 59, 23, 28, 1, 100, 1, 58, -1, -1}},
		{1709210096, [10]int32{56, 34, 12, 29, 1, 124, 4, 59, -1, -1}},
		{-1, [10]int32{59, 59, 23, 31, 11, 69, 3, 364, -1, -1}},
		{1 << 33, [10]int32{32, 56, 12, 16, 2, 342, 3, 74, -1, -1}},
	} {
		blank := string([]byte{255, 255, 255, 255, 255, 255, 255, 255})
		g := start(t, &hostmod.Env{}, imported("env", "_gmtime_js", "ji:"), imported("env", "_gmtime_js", "iii:"),
			imported("env", "_localtime_js", "ji:"), imported("env", "_mktime_js", "i:j"), imported("env", "_timegm_js", "i:i"),
			imported("env", "getTempRet0", ":i"))
		for _, p := range []uint32{96, 296, 396} {
			g.put(p, blank)
		}
		_, err := g.call("0", uint64(c.sec), 64)
		require.NoError(t, err)
		require.Equal(t, c.want, g.tm(64))
		_, err = g.call("1", uint64(uint32(c.sec)), uint64(c.sec)>>32, 264)
		require.NoError(t, err)
		require.Equal(t, c.want, g.tm(264))
		_, err = g.call("2", uint64(c.sec), 364)
		require.NoError(t, err)
		local := c.want
		local[8], local[9] = 0, 0
		require.Equal(t, local, g.tm(364))

		r, err := g.call("3", 364)
		require.NoError(t, err)
		require.Equal(t, c.sec, int64(r[0]))
		low, err := g.call("4", 364)
		require.NoError(t, err)
		high, err := g.call("5")
		require.NoError(t, err)
		require.Equal(t, c.sec, int64(low[0]&0xffffffff|high[0]<<32))
	}
}

// Newer libraries are told whether a time is in the calendar.
func TestCalendarJudges(t *testing.T) {
	for _, name := range []string{"_gmtime_js", "_localtime_js"} {
		g := start(t, &hostmod.Env{}, imported("env", name, "ji:i"), imported("env", name, "iii:i"))
		for _, c := range []struct {
			sec  int64
			want uint64
		}{{86400, 0}, {8_640_000_000_000, 0}, {8_640_000_000_001, 1}, {-1 << 63, 1}} {
			require.Equal(t, c.want, uint64(uint32(g.result(uint64(c.sec), 64)))) // the engine leaves the upper half as it was
			r, err := g.call("1", uint64(uint32(c.sec)), uint64(c.sec)>>32, 64)
			require.NoError(t, err)
			require.Equal(t, c.want, r[0])
		}
		abortOf(t, g.fails(0, 65536-28))
	}
}

// Fields outside of their ranges are put in order, and what is no date is refused.
func TestMktime(t *testing.T) {
	for _, c := range []struct {
		name string
		tm   [6]int32
		want int64
	}{
		{"in order", [6]int32{6, 5, 4, 3, 1, 101}, 981173106},
		{"March is month 13 less one year", [6]int32{0, 0, 0, 1, 14, 99}, 951868800},
		{"day 0", [6]int32{0, 0, 0, 0, 0, 70}, -86400},
		{"a thousand million seconds", [6]int32{1e9, 0, 0, 1, 0, 70}, 1e9},
		{"far away", [6]int32{0, 0, 0, 1, 0, 1 << 30}, -1},
		{"far back", [6]int32{0, 0, 0, 1, 0, -1 << 31}, -1},
		{"hostile", [6]int32{1<<31 - 1, 1<<31 - 1, 1<<31 - 1, 1<<31 - 1, 1<<31 - 1, 1<<31 - 1}, -1},
		{"just not hostile", [6]int32{1e9, 1e9, 1e9, 1e9, 1e9, 300000}, -1},
		{"last year", [6]int32{0, 0, 0, 1, 0, 273790}, 8639977881600 - 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := start(t, &hostmod.Env{}, imported("env", "_mktime_js", "i:j"))
			for i, x := range c.tm {
				g.mem.WriteUint32Le(uint32(4*i), uint32(x))
			}
			got := int64(g.result(0))
			if c.name == "last year" {
				c.want = time.Date(275690, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
			}
			require.Equal(t, c.want, got)
		})
	}
	abortOf(t, start(t, &hostmod.Env{}, imported("env", "_mktime_js", "i:j")).fails(65536-35))
	require.EqualError(t, abortOf(t, start(t, &hostmod.Env{}, imported("env", "_gmtime_js", "ji:")).fails(1<<62, 0)), "gmtime: time is outside of the calendar")
}

func TestTzset(t *testing.T) {
	g := start(t, &hostmod.Env{}, imported("env", "_tzset_js", "iiii:"))
	g.put(64, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	_, err := g.call("0", 64, 68, 72, 80)
	require.NoError(t, err)
	require.Equal(t, "\x00\x00\x00\x00\x00\x00\x00\x00UTC\x00xxxxUTC\x00xxxx", g.get(64, 24))

	m := &module{imports: []hostmod.Import{imported("env", "_tzset_js", "iii:")}, pages: 1, max: 1}
	require.EqualError(t, abortOf(t, instantiate(t, m, &hostmod.Env{})[0].fails(64, 68, 72)), "tzset: the guest exports no malloc for the names")
	m.own = []fn{{"malloc", "i:i", cat(opGlobalGet, 0)}}
	g = instantiate(t, m, &hostmod.Env{})[0]
	_, err = g.call("0", 80, 84, 88)
	require.NoError(t, err)
	require.Equal(t, "UTC\x00", g.get(64, 4))
	require.Equal(t, uint32(64), binary.LittleEndian.Uint32([]byte(g.get(88, 4))))
	require.Equal(t, uint32(64), binary.LittleEndian.Uint32([]byte(g.get(92, 4))))

	m.own = []fn{{"malloc", "i:i", cat(opConst, 0, opConst, 4, opConst, 8, opCall, 0, opLocalGet, 0)}} // calls tzset again
	err = instantiate(t, m, &hostmod.Env{})[0].fails(80, 84, 88)
	require.EqualError(t, abortOf(t, err), "tzset: calls through the host are nested too deeply")
}
