package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/memview"
)

// Library is a running instance of a Module with a linear memory of its own:
// what ctypes calls a CDLL. It serves one goroutine at a time: a second one
// gets ErrBusy, never a race. Close it when done.
type Library struct {
	in       *instance
	dropped  runtime.Cleanup // closes a library that nobody closed
	state    atomic.Uint32
	closed   chan struct{} // closed when the library is
	closeErr error         // read after closed
	scratch  scratch       // belongs to whoever is inside

	callbacks map[*callback]struct{} // that are not closed; under the instance's mutex
}

// State bits. Idle is 0.
const (
	stateBusy    = 1 << iota // somebody is inside
	stateClosing             // Close was called; who leaves closes
)

// LoadLibrary finds, compiles and instantiates a library in one step:
// numpy.ctypeslib.load_library. The path is a directory, or a file in it; name
// may lack its extension. See loader.FindPath for the rules. ctx covers the
// loading, not the library's life. For more instances of the same code see
// [Library.Module] and [Module.Instantiate].
func LoadLibrary(ctx context.Context, name, path string, o *Options) (*Library, error) {
	o = o.orDefault()
	b, err := loader.FindPath(name, path, &o.Find)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	m, err := compile(ctx, b, o)
	if err != nil {
		return nil, err
	}
	defer m.share() // the library keeps it
	return m.Instantiate(ctx)
}

// Instantiate makes a Library with fresh memory and runs its constructors
// (_initialize). ctx covers the constructors. A constructor that traps gives a *Trap.
func (m *Module) Instantiate(ctx context.Context) (*Library, error) {
	if ctx == nil {
		panic("wasmffi: nil context")
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("wasmffi: instantiate %s: %w", m.name, context.Cause(ctx))
	}
	if m.adopted {
		return nil, fmt.Errorf("wasmffi: instantiate %s: %w: its instance was adopted, and the code is its maker's", m.name, ErrCompile)
	}
	if err := m.retain(); err != nil {
		return nil, err
	}
	var in *instance
	defer func() { // also when a host function panics
		if in == nil {
			m.release()
		}
	}()
	in, err := newInstance(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: instantiate %s: %w", m.name, err)
	}
	l := &Library{in: in, closed: make(chan struct{})}
	l.dropped = runtime.AddCleanup(l, func(in *instance) { in.end() }, in)
	return l, nil
}

// Module is what the library was instantiated from. As long as the library is open,
// or the Module itself, more can be instantiated from it.
func (l *Library) Module() *Module { return l.in.module }

// String names the module of the library.
func (l *Library) String() string { return "library " + l.in.module.name }

// Memory is the library's linear memory, to place arrays in with
// memview.AsArray; nil when the module has none. Accesses answer ErrClosed once the
// library is closed.
func (l *Library) Memory() memview.Memory {
	if l.in.lease == nil {
		return nil
	}
	return l.in.window.Load()
}

// claim makes the caller the one who is inside.
func (l *Library) claim() error {
	if !l.state.CompareAndSwap(0, stateBusy) {
		if l.state.Load()&stateClosing != 0 {
			return ErrClosed
		}
		return ErrBusy
	}
	return nil
}

// enter claims the library for one call.
func (l *Library) enter() error {
	if err := l.claim(); err != nil {
		return err
	}
	if l.in.poison != nil {
		err := l.in.poison
		l.leave()
		return err
	}
	return nil
}

// leave gives the library back, and closes it when Close was called meanwhile. A guest that never came
// back, because a writer or reader of Options.WASI called runtime.Goexit, cannot be entered again.
func (l *Library) leave() {
	if l.in.running {
		l.in.running = false
		l.in.spoil(errors.New("runtime.Goexit was called inside"))
	}
	if !l.state.CompareAndSwap(stateBusy, 0) {
		l.shut()
	}
}

// shut frees what the library holds. It runs once, with nobody inside.
func (l *Library) shut() {
	l.state.Store(stateBusy | stateClosing)
	l.dropped.Stop()
	l.closeErr = l.in.end()
	close(l.closed)
}

// Close waits for the call in flight, ends the library and frees its memory. Arrays in
// it answer ErrClosed from then on; slices borrowed from it read zeros. A
// second Close does nothing. While a Go function runs that the guest has called, Close does not wait, as it may be
// that function which calls it: it returns ErrBusy, and the library closes when the call returns.
func (l *Library) Close() error { return l.CloseContext(context.Background()) }

// CloseContext is Close with a bound on the wait. When ctx ends first it
// returns its cause; the library then closes by itself when the call returns.
func (l *Library) CloseContext(ctx context.Context) error {
	for {
		s := l.state.Load()
		if s&stateClosing != 0 {
			break
		}
		if !l.state.CompareAndSwap(s, s|stateClosing) {
			continue
		}
		if s == 0 {
			l.shut()
		}
		break
	}
	select {
	case <-l.closed:
		return l.closeErr
	default:
	}
	if l.in.hosting.Load() {
		return fmt.Errorf("wasmffi: close: %w, in a Go function of the host; the library closes when the call returns", ErrBusy)
	}
	select {
	case <-l.closed:
		return l.closeErr
	case <-ctx.Done():
		return fmt.Errorf("wasmffi: close: %w", context.Cause(ctx))
	}
}

// forget ends a callback of this library.
func (l *Library) forget(c *callback) {
	l.in.mu.Lock()
	delete(l.callbacks, c)
	l.in.mu.Unlock()
	c.release()
}

// end calls the function that ends a handle, once. It does nothing when the
// library is closed.
func (l *Library) end(h *handle) error {
	switch err := l.enter(); {
	case errors.Is(err, ErrClosed):
		return nil
	case err != nil:
		return &refusal{err}
	}
	defer l.leave()
	if h.stale() || h.closed.Swap(true) {
		return nil
	}
	stack := []uint64{uint64(h.ptr)}
	return l.in.invoke(unattended(), l.in.handle(h.free), h.free, stack)
}
