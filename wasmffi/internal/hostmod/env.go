package hostmod

import (
	"context"
	"io"
	"math/rand"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Env is what the functions may use that one instance calls, and what they keep for
// it. It must not be copied once it was used. Fields are set before, Constructing when it begins and ends.
//
// Charge and Look end the call by a panic where it must end. Charge is called before a function moves so many bytes, and Look after every
// function.
type Env struct {
	Charge         func(context.Context, uint64)  // nil: nobody counts
	Look           func(context.Context)          // nil: calls go on
	Stdout, Stderr io.Writer                      // nil: nothing is written
	Stdin, Random  io.Reader                      // for the engine's functions; nil: nothing to read, the same bytes in every instance
	Walltime       func() (sec int64, nsec int32) // since 1970; nil: a fake clock, as the engine's, from 2022 on
	Nanotime       func() int64                   // of a clock that never goes back; nil: a fake one from zero on
	Sleep          func(context.Context, int64)   // for so many nanoseconds; nil: returns at once
	HeapMax        uint64                         // bytes the guest's heap may grow to; 0: what its memory declares
	Tries          api.MutableGlobal              // set back after a call that the host made into the guest and that failed; nil: there is none
	Constructing   bool                           // the guest's constructors run

	ctx                  context.Context // of the call that a function runs for
	walltimes, nanotimes atomic.Int64    // readings of the fake clocks
	random               *rand.Rand
	high                 uint32                  // upper half of a result of 64 bits: tempRet0
	idle                 map[string]api.Function // handles of the guest's exports
	idleOf               api.Module
	inside               []entered // that are not over
}

// Context is that of the call which a function runs for: for writers, readers and clocks that are not told.
func (e *Env) Context() context.Context {
	if e.ctx == nil {
		return context.Background()
	}
	return e.ctx
}

// Left says that a call ended which a function may have run for.
func (e *Env) Left() {
	if e != nil {
		e.ctx, e.inside = nil, nil
	}
}

// epoch is where the fake clock begins: 2022-01-01 UTC in seconds since 1970.
const epoch = 1640995200

// now is the time since 1970. A fake clock goes on by a millisecond with each reading.
func (e *Env) now() (sec int64, nsec int32) {
	if e.Walltime != nil {
		return e.Walltime()
	}
	ms := e.walltimes.Add(1) - 1
	return epoch + ms/1000, int32(ms%1000) * int32(time.Millisecond)
}

// ticks is the time of the clock that never goes back, in nanoseconds.
func (e *Env) ticks() int64 {
	if e.Nanotime != nil {
		return e.Nanotime()
	}
	return (e.nanotimes.Add(1) - 1) * int64(time.Millisecond)
}

// sleep sleeps until the context ends at most.
func (e *Env) sleep(ctx context.Context, ns int64) {
	if e.Sleep != nil && ns > 0 {
		e.Sleep(ctx, ns)
	}
}

// rand is the same sequence in every instance, seeded as the engine seeds its own.
func (e *Env) rand() *rand.Rand {
	if e.random == nil {
		e.random = rand.New(rand.NewSource(42))
	}
	return e.random
}

// write prints a text that the guest had printed. There is nobody to tell of an error.
func write(w io.Writer, text string) {
	if w != nil {
		_, _ = io.WriteString(w, text)
	}
}
