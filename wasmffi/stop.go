package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// stop is how guests of a module are stopped: their code counts fuel, and calls the host when there is none. The
// engine's start function is called by the host, after it is there to be called. See package wasmbin.
type stop struct {
	start  string            // private export of what was the start function; empty: there was none
	meter  *wasmbin.Metering // nil: not metered
	refill wazero.CompiledModule
}

// Names of the host's module that refills.
const (
	refillModule = "wasmffi.refill"
	refillName   = "refill"
)

// fuelSlice is how much fuel a guest gets at a time: that often the host looks whether it is to be stopped.
const fuelSlice = 1 << 16

// open rewrites a module.
func (s *stop) open(mod *wasmbin.Module, o *Options) (err error) {
	if f, ok := mod.RemoveStart(); ok {
		s.start = mod.PrivatePrefix("wasmffi.start")
		if _, err := mod.AppendExport(wasmbin.Export{Name: s.start, Kind: wasmbin.KindFunc, Index: f}); err != nil {
			return err
		}
	}
	mod.DropCustoms(".debug_") // whose places are wrong now; the engine reads them when a guest traps
	mod.DropUnsoundNames()
	if o.Unmetered {
		return nil
	}
	s.meter, err = mod.Meter(wasmbin.MeterOptions{})
	return err
}

// compile makes what fills an instance's slot for the function that refills.
func (s *stop) compile(ctx context.Context, c *code) (err error) {
	if s.meter == nil {
		return nil
	}
	b := c.runtime.NewHostModuleBuilder(refillModule)
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, m api.Module, _ []uint64) {
		c.running.instance(m).refill(ctx)
	}), nil, nil).WithName(refillName).Export(refillName)
	if _, err := b.Instantiate(ctx); err != nil {
		return err
	}
	s.refill, err = c.runtime.CompileModule(ctx, wasmbin.EncodeRefill(refillModule, refillName, guestName, s.meter.Poll))
	return err
}

// meter is the fuel of an instance.
type meter struct {
	global   api.MutableGlobal // what the guest has; nil: it is not metered
	tries    api.MutableGlobal // how many try_tables are active; nil: it has none
	limited  bool              // a call may not have more than
	left     uint64            // this, beside what the guest has,
	granted  uint64            // and has had this
	deadline time.Time         // of the call that runs; zero: none but its context's
	written  bool              // a call may not write more than
	output   uint64            // so many bytes
}

// startMeter makes an instance fit to run.
func (in *instance) startMeter(ctx context.Context) error {
	s := &in.module.stop
	if s.meter == nil {
		return nil
	}
	in.meter.global = in.inst.ExportedGlobal(s.meter.Fuel).(api.MutableGlobal)
	in.meter.global.Set(fuelSlice)
	if s.meter.Tries != "" {
		in.meter.tries = in.inst.ExportedGlobal(s.meter.Tries).(api.MutableGlobal)
		in.env.Tries = in.meter.tries
	}
	m, err := in.helper(ctx, s.refill)
	if err != nil {
		return err
	}
	return m.Close(ctx) // the table keeps the function
}

// leaveTries is for a call that did not return: no try_table is active any more.
func (m *meter) leaveTries() {
	if m.tries != nil {
		m.tries.Set(0)
	}
}

// stopRequest is the panic by which the host stops a guest.
type stopRequest struct{ cause error }

func (s *stopRequest) Error() string { return s.cause.Error() }
func (s *stopRequest) Unwrap() error { return s.cause }

// refill is called by the guest when its fuel is below zero. Here Go's scheduler and collector get in.
func (in *instance) refill(ctx context.Context) {
	m := &in.meter
	if err := m.over(ctx); err != nil {
		panic(&stopRequest{err})
	}
	in.long = true
	runtime.Gosched()
	if !m.limited {
		m.global.Set(fuelSlice)
		return
	}
	have := int64(m.global.Get()) // below zero, after an instruction of much work by far
	for have < 0 {
		n := min(m.left, fuelSlice)
		if n == 0 {
			m.global.Set(uint64(have))
			panic(&stopRequest{ErrFuel})
		}
		m.left -= n
		m.granted += n
		have += int64(n)
	}
	m.global.Set(uint64(have))
}

// charge takes fuel for so many bytes that the host moves for the guest.
func (in *instance) charge(ctx context.Context, n uint64) {
	g := in.meter.global
	if g == nil {
		in.look(ctx)
		return
	}
	left := int64(g.Get()) - int64(n/unitBytes)
	g.Set(uint64(left))
	if left < 0 {
		in.refill(ctx)
	}
}

// unitBytes is how many bytes moved cost as much as an instruction; see package wasmbin.
const unitBytes = 8

// look ends the call if it must end. It is called when a Go function returns to the guest, which may not come to a look of
// its own for thousands of such.
func (in *instance) look(ctx context.Context) {
	if err := in.meter.over(ctx); err != nil {
		panic(&stopRequest{err})
	}
}

// over is why the call must end; nil: it need not. When all cores are busy timers are late, so that the clock is looked at.
func (m *meter) over(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if end, ok := m.end(ctx); ok && !time.Now().Before(end) {
		return context.DeadlineExceeded
	}
	return nil
}

// end is when the call must have ended.
func (m *meter) end(ctx context.Context) (end time.Time, ok bool) {
	end, ok = ctx.Deadline()
	if !m.deadline.IsZero() && (!ok || m.deadline.Before(end)) {
		return m.deadline, true
	}
	return end, ok
}

// CallLimits are limits of one call; see [Limits] and [Func.WithLimits].
type CallLimits struct {
	Fuel   uint64        // see Limits.Fuel; zero: no limit
	Time   time.Duration // see Limits.Time; zero: no limit
	Output uint64        // see Limits.Output; zero: no limit
}

func (l *CallLimits) any() bool { return l.metered() || l.Output > 0 }

// metered is whether only metered guests keep to them.
func (l *CallLimits) metered() bool { return l.Fuel > 0 || l.Time > 0 }

// limit sets the limits of the next calls.
func (in *instance) limit(l CallLimits) {
	in.limits = l
	in.bounded = true
}

// arm puts the limits of a call into force, or out of force.
func (in *instance) arm() {
	l, m := in.limits, &in.meter
	m.deadline = time.Time{}
	if l.Time > 0 {
		m.deadline = time.Now().Add(l.Time)
	}
	m.limited = l.Fuel > 0
	if m.limited && m.global != nil {
		m.granted = min(l.Fuel, fuelSlice)
		m.left = l.Fuel - m.granted
		m.global.Set(m.granted)
	}
	m.written, m.output = l.Output > 0, l.Output
	in.bounded = l.any()
}

// used is the fuel that the last call took, if it was limited.
func (m *meter) used() uint64 {
	if !m.limited || m.global == nil {
		return 0
	}
	return m.granted - m.global.Get() // which may be below zero
}

var errUnmetered = errors.New("the module is not metered (Options.Unmetered)")

// checkLimits refuses limits that nothing enforces.
func (o *Options) checkLimits() error {
	if o.Unmetered && (o.Limits.Fuel > 0 || o.Limits.Time > 0) {
		return fmt.Errorf("Options.Limits: Fuel and Time: %w", errUnmetered)
	}
	return nil
}
