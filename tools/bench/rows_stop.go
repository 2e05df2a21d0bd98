package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/wasmffi/go/testdata/wasm/hostile"
	"github.com/wasmffi/go/wasmffi"
)

// stopGroups measure how long a guest goes on after it was to stop. The limits are those of the longest of all stops.
var stopGroups = []group{
	{name: "stop-cancel", title: "from the end of a context to the return of the call", rows: stops(byCancel, 1, engineStopRow)},
	{name: "stop-deadline", title: "from the deadline of a context to the return of the call", rows: stops(byDeadline, 1)},
	{name: "stop-crowd", title: fmt.Sprintf("from the end of a context to the return of the call, while %d guests run on %d cores", 2*runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(0)),
		rows: stops(byCancel, 2*runtime.GOMAXPROCS(0))},
	{name: "stop-gc", title: "runtime.GC() while two guests run; a call tree of a second where they are not metered", rows: collections},
}

const (
	stopMust = 10_000 // microseconds
	gcMust   = 20_000
)

// attackers are guests that do not end, by their names in package hostile, and what they do.
var attackers = []struct {
	name, what string
	free       bool // reported, not demanded: page faults take what they take
}{
	{name: "loop", what: "empty loop"},
	{name: "body_200", what: "loop of 200 divisions and roots"},
	{name: "body_20000", what: "loop of 20,000 divisions and roots"},
	{name: "br_table", what: "br_table of 10,000 entries"},
	{name: "tree", what: "call tree without a loop"},
	{name: "deep", what: "recursion 400,000 deep"},
	{name: "tick", what: "calls of a Go function"},
	{name: "memory_fill", what: "memory.fill of 256 MiB"},
	{name: "memory_copy", what: "memory.copy of 256 MiB"},
	{name: "memory_touch", what: "a store for each page of 256 MiB", free: true},
}

// attacker is an instance of one of them.
type attacker struct {
	lib    *wasmffi.Library
	attack *wasmffi.Func
}

// hostileCode is the module of one of them.
func hostileCode(name string) ([]byte, error) {
	guests := hostile.Guests()
	i := slices.IndexFunc(guests, func(g hostile.Guest) bool { return g.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no guest is called %q", name)
	}
	return guests[i].Wasm, nil
}

func newAttacker(name string) (attacker, error) {
	code, err := hostileCode(name)
	if err != nil {
		return attacker{}, err
	}
	tick, err := wasmffi.NewHostFunc("func()", func() {})
	if err != nil {
		return attacker{}, err
	}
	m, err := wasmffi.Compile(ctx, code, &wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.tick": tick},
		Limits: wasmffi.Limits{Memory: 512 << 20}, Cache: wasmffi.NewCache(0)})
	if err != nil {
		return attacker{}, err
	}
	lib, err := m.Instantiate(ctx)
	if err := errors.Join(err, m.Close()); err != nil {
		return attacker{}, err
	}
	attack, err := lib.Func("attack()")
	return attacker{lib, attack}, err
}

// stop lets the guest run for a while and ends it. It reports how long it went on.
func (a attacker) stop(how func() (context.Context, func() time.Time)) (time.Duration, error) {
	c, due := how()
	ended := make(chan time.Time, 1)
	var err error
	go func() {
		_, err = a.attack.Call(c)
		ended <- time.Now()
	}()
	from := due()
	late := (<-ended).Sub(from)
	if errors.Is(err, wasmffi.ErrNotRun) && c.Err() != nil { // it had no turn before
		return a.stop(how)
	}
	if !errors.Is(err, wasmffi.ErrStopped) || late < 0 {
		return 0, fmt.Errorf("the guest was not stopped, but ended %v after it should be: %w", late, err)
	}
	return late, a.lib.Reset(ctx, nil)
}

// running is how long guests run before they are stopped: some milliseconds, so that they are anywhere.
func running() time.Duration { return time.Millisecond + rand.N(4*time.Millisecond) }

// byCancel ends a context, and due says when.
func byCancel() (context.Context, func() time.Time) {
	c, cancel := context.WithCancel(ctx)
	return c, func() time.Time {
		time.Sleep(running())
		defer cancel()
		return time.Now()
	}
}

// byDeadline gives a context that ends by itself.
func byDeadline() (context.Context, func() time.Time) {
	at := time.Now().Add(running())
	c, cancel := context.WithDeadline(ctx, at)
	context.AfterFunc(c, cancel)
	return c, func() time.Time { return at }
}

// stops are a row for each attacker, of which others may run meanwhile, and others beside it.
func stops(how func() (context.Context, func() time.Time), crowd int, beside ...func(name string) row) func(*env) ([]row, func(), error) {
	return func(*env) ([]row, func(), error) {
		var rows []row
		for _, x := range attackers {
			r := row{name: x.what, targets: []target{{must: stopMust}}, longest: func(n int) ([]time.Duration, error) { return stopsOf(x.name, how, crowd, n) }}
			if x.free {
				r.targets = []target{{}}
			}
			rows = append(rows, r)
			for _, other := range beside {
				rows = append(rows, other(x.name))
			}
		}
		return rows, func() {}, nil
	}
}

// stopsOf stops one of several so many times.
func stopsOf(name string, how func() (context.Context, func() time.Time), crowd, n int) ([]time.Duration, error) {
	one, err := newAttacker(name)
	if err != nil {
		return nil, err
	}
	defer one.lib.Close()
	others, err := startCrowd(name, crowd-1)
	if err != nil {
		return nil, err
	}
	times := make([]time.Duration, n)
	for i := range times {
		if times[i], err = one.stop(how); err != nil {
			break
		}
	}
	return times, errors.Join(err, others.end())
}

// crowd is guests that run until they are ended.
type crowd struct {
	cancel context.CancelFunc
	ended  chan error
	libs   []*wasmffi.Library
}

func startCrowd(name string, n int) (*crowd, error) {
	c, cancel := context.WithCancel(ctx)
	all := &crowd{cancel: cancel, ended: make(chan error, n)}
	for range n {
		a, err := newAttacker(name)
		if err != nil {
			return nil, errors.Join(err, all.end())
		}
		all.libs = append(all.libs, a.lib)
		go func() {
			for c.Err() == nil { // those that end by a stack overflow begin again
				if _, err := a.attack.Call(c); errors.Is(err, wasmffi.ErrStackOverflow) && a.lib.Reset(ctx, nil) == nil {
					continue
				} else if !errors.Is(err, wasmffi.ErrStopped) {
					all.ended <- err
					return
				}
			}
			all.ended <- nil
		}()
	}
	return all, nil
}

func (c *crowd) end() error {
	c.cancel()
	var err error
	for _, lib := range c.libs {
		err = errors.Join(err, <-c.ended)
		defer lib.Close()
	}
	return err
}

// collections are those of Go's garbage. A guest that is not metered cannot be stopped, so that it counts to a number.
func collections(*env) ([]row, func(), error) {
	return []row{
		{name: meteredRow, targets: []target{{must: gcMust}}, longest: meteredCollections},
		{name: unmeteredRow + ", one guest, once", targets: []target{{}}, longest: unmeteredCollection},
	}, func() {}, nil
}

func meteredCollections(n int) ([]time.Duration, error) {
	others, err := startCrowd("body_200", 2)
	if err != nil {
		return nil, err
	}
	times := make([]time.Duration, n)
	for i := range times {
		time.Sleep(running())
		begin := time.Now()
		runtime.GC()
		times[i] = time.Since(begin)
	}
	return times, others.end()
}

// unmeteredCollection waits for one guest that computes for a second or so. It is one, so that this goroutine still has a
// core to run on once the guest is in its loop for certain.
func unmeteredCollection(int) ([]time.Duration, error) {
	m, err := wasmffi.Compile(ctx, fib(), &wasmffi.Options{Unmetered: true})
	if err != nil {
		return nil, err
	}
	lib, err := m.Instantiate(ctx)
	if err := errors.Join(err, m.Close()); err != nil {
		return nil, err
	}
	defer lib.Close()
	f, err := lib.Func("fib(n: i32) -> i32")
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := f.Call(ctx, 40)
		ended <- err
	}()
	time.Sleep(5 * time.Millisecond)
	begin := time.Now()
	runtime.GC()
	took := time.Since(begin)
	return []time.Duration{took}, <-ended
}
