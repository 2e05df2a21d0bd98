package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/testdata/wasm"
	attacks "github.com/wasmffi/go/testdata/wasm/hostile"
	"github.com/wasmffi/go/wasmffi"
)

const (
	attackTime = 20 * time.Second      // of a child; most need half a second
	stopAfter  = 15 * time.Millisecond // when a call is stopped that has no limit but time
	stopWithin = 3 * time.Second       // by when it must have ended; a few milliseconds where nothing else runs
	stopFuel   = 3_000_000             // what a call may have that is stopped by fuel
)

// attack is a guest at work, in a process of its own with a library that has nothing to do with it.
type attack struct {
	*testing.T
	guest   attacks.Guest
	options wasmffi.Options
	healthy *wasmffi.Func
	last    error         // of what the guest did
	late    time.Duration // how long the longest took
}

// launch runs an attack, after one of the guest that loops, and requires that the process is as before when it is over.
func launch(t *testing.T, g, loop attacks.Guest, o wasmffi.Options, run func(a *attack)) {
	a := &attack{T: t, guest: g, options: o}
	a.options.Cache = wasmffi.NewCache(0)
	lib := open(t, wasm.Vec)
	a.healthy = bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	a.warm(loop)
	goroutines := runtime.NumGoroutine()
	before := settle(t, func(footprint) bool { return true })
	a.wellBeside()
	run(a)
	a.wellBeside()
	peak := peakResident(t)
	after := settle(t, func(now footprint) bool {
		return nearResident(now.resident, before.resident) && now.files <= before.files && runtime.NumGoroutine() <= goroutines
	})
	fmt.Fprintf(os.Stderr, "%s: %.200v; %v at most; %.1f MiB resident before, %.1f at most, %.1f after; %d and %d MiB of address space\n", path.Base(t.Name()),
		a.last, a.late.Round(100*time.Microsecond), mib(before.resident), mib(peak), mib(after.resident), before.space>>20, after.space>>20)
	if !raced {
		require.Less(t, peak, hostileHeap)
	}
	require.True(t, nearResident(after.resident, before.resident), "resident before: %v; after: %v", before, after)
	require.LessOrEqual(t, after.files, before.files)
	require.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
	require.Less(t, after.space, before.space+attackSpace)
}

// attackSpace is by how much the address space of a process may be larger after an attack: what Go's heap has once reserved
// it keeps.
const attackSpace = 1 << 30

// peakResident is the most that the process was ever resident with, in bytes.
func peakResident(t *testing.T) (n uint64) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	_, err = fmt.Sscan(rest, &n)
	require.NoError(t, err)
	return n << 10
}

func mib(n uint64) float64 { return float64(n) / (1 << 20) }

// warm does once what every attack does, with the guest that loops, so that what the process takes for that is in place.
func (a *attack) warm(loop attacks.Guest) {
	m, err := wasmffi.Compile(bg, loop.Wasm, &wasmffi.Options{Cache: wasmffi.NewCache(0), Limits: wasmffi.Limits{Fuel: 1000}})
	require.NoError(a, err)
	lib, err := m.Instantiate(bg)
	require.NoError(a, err)
	_, err = bind(a, lib, "attack()").Call(bg)
	require.ErrorIs(a, err, wasmffi.ErrFuel)
	require.NoError(a, lib.Reset(bg, nil))
	require.NoError(a, errors.Join(lib.Close(), m.Close()))
}

// wellBeside requires that the other library answers.
func (a *attack) wellBeside() {
	a.Helper()
	require.Equal(a, 6.0, call(a, a.healthy, []float64{1, 2, 3}).Float64())
}

// compile is the guest as a module, with limits on top of its options.
func (a *attack) compile(limit func(*wasmffi.Limits)) (*wasmffi.Module, error) {
	o := a.options
	if limit != nil {
		limit(&o.Limits)
	}
	begin := time.Now()
	m, err := wasmffi.Compile(bg, a.guest.Wasm, &o)
	a.note(time.Since(begin), err)
	return m, err
}

// module is compile of a guest that is not refused; it is closed by the caller.
func (a *attack) module(limit func(*wasmffi.Limits)) *wasmffi.Module {
	a.Helper()
	m, err := a.compile(limit)
	require.NoError(a, err)
	return m
}

// start is an instance of a guest whose attack comes later, which the caller closes.
func (a *attack) start(m *wasmffi.Module) (*wasmffi.Library, *wasmffi.Func) {
	a.Helper()
	lib, err := m.Instantiate(bg)
	require.NoError(a, err)
	return lib, bind(a, lib, "attack()")
}

// note keeps what the guest did, for the report.
func (a *attack) note(took time.Duration, err error) {
	a.late, a.last = max(a.late, took), err
}

// during runs what the guest does, with the other library beside it, and the collector.
func (a *attack) during(run func() error) error {
	a.Helper()
	done := make(chan error, 1)
	begin, beside := time.Now(), 0
	go func() { done <- run() }()
	for {
		select {
		case err := <-done:
			a.note(time.Since(begin), err)
			require.Less(a, time.Since(begin), stopWithin)
			return err
		case <-time.After(time.Millisecond):
			a.wellBeside()
			if beside == 0 {
				runtime.GC() // which gets in
			}
			beside++
		}
	}
}

// way is how a call is stopped, and what it then says.
type way struct {
	name  string
	limit func(*wasmffi.Limits)
	ctx   func() (context.Context, context.CancelFunc)
	want  error
}

var errStopIt = errors.New("enough of it")

func unlimited() (context.Context, context.CancelFunc) { return bg, func() {} }

// Ways to stop a call.
var (
	byCancel = way{"cancel", nil, func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(bg)
		stop := time.AfterFunc(stopAfter, func() { cancel(errStopIt) })
		return ctx, func() { stop.Stop(); cancel(nil) }
	}, errStopIt}
	byDeadline = way{"deadline", nil, func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(bg, stopAfter)
	}, context.DeadlineExceeded}
	byTime = way{"Limits.Time", func(l *wasmffi.Limits) { l.Time = stopAfter }, unlimited, context.DeadlineExceeded}
	byFuel = way{"Limits.Fuel", func(l *wasmffi.Limits) { l.Fuel = stopFuel }, unlimited, wasmffi.ErrFuel}

	byClock = []way{byCancel, byDeadline, byTime}
	byAll   = []way{byCancel, byDeadline, byTime, byFuel}
)

// byOutput stops what writes more.
func byOutput(bytes uint64) way {
	return way{"Limits.Output", func(l *wasmffi.Limits) { l.Output = bytes }, unlimited, wasmffi.ErrOutput}
}
