package hostmod

import (
	"context"
	"errors"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// function is built in. Arguments are on the stack, and the result goes to stack[0].
type function func(c call, stack []uint64)

// call is one call of a host function, which ends by a panic where it cannot go on.
type call struct {
	ctx    context.Context
	module api.Module // that calls
	env    *Env       // of it
}

// host makes a function callable by the engine.
type host struct {
	fn    function
	envOf func(api.Module) *Env
}

// Call implements api.GoModuleFunction.
func (h *host) Call(ctx context.Context, m api.Module, stack []uint64) {
	e := h.envOf(m)
	if e == nil {
		panic(errors.New("host function is called by an instance without an environment"))
	}
	outer := e.ctx // of a call that this one is inside of
	e.ctx = ctx
	h.fn(call{ctx, m, e}, stack)
	e.ctx = outer
	if e.Look != nil {
		e.Look(ctx)
	}
}

// charge is what a function begins with that moves n bytes.
func (c call) charge(n uint32) {
	if e := c.env; e.Charge != nil {
		e.Charge(c.ctx, uint64(n))
	}
}

// maxDepth is how often the host may call into a guest that the guest called out of. Each call has a stack of the engine's, see maxStacks,
// and one of Go, whose death takes the process along.
const maxDepth = 40

// entered is a function of the guest that the host has called for it.
type entered struct {
	f     api.Function
	below int // bytes of the stacks of those that it was called out of
}

// enter calls a function of the guest. What it panics with is what the guest failed
// with, and not wrapped once more for each level.
func (c call) enter(what string, f api.Function, stack []uint64) error {
	e := c.env
	below := 0
	if n := len(e.inside); n > 0 {
		below = e.inside[n-1].below + StackSize(e.inside[n-1].f)
	}
	if len(e.inside) >= maxDepth || below > maxStacks {
		panic(&Abort{what, "calls through the host are nested too deeply"})
	}
	e.inside = append(e.inside, entered{f, below})
	defer func() {
		e.inside[len(e.inside)-1] = entered{}
		e.inside = e.inside[:len(e.inside)-1]
	}()
	tries := uint64(0)
	if e.Tries != nil {
		tries = e.Tries.Get()
	}
	err := f.CallWithStack(c.ctx, stack)
	if err != nil && e.Tries != nil {
		e.Tries.Set(tries)
	}
	return err
}

// rethrow goes on with an error that a call into the guest ended by.
func rethrow(err error) {
	if _, ok := err.(*sys.ExitError); ok {
		panic(err)
	}
	if inner := (*innermost)(nil); errors.As(err, &inner) {
		panic(inner)
	}
	text := err.Error()
	if len(text) > maxTrace {
		text = text[:maxTrace]
	}
	panic(&innermost{text, err})
}

// maxTrace bounds the stack trace of an inner call, in bytes.
const maxTrace = 8 << 10

// innermost is an error that passes through the host: with its stack trace, once.
type innermost struct {
	text  string
	cause error
}

func (e *innermost) Error() string { return e.text }
func (e *innermost) Unwrap() error { return e.cause }

// export is a function that the guest exports. Handles of the engine have a stack each, so that they are
// kept for the next call, and serve one call at a time, so that one in use is not there for another.
type export struct {
	name   string
	f      api.Function
	params int
}

// exported is the first function of those names that the guest exports. It is for one run.
func (c call) exported(names ...string) (export, bool) {
	e := c.env
	if e.idleOf != c.module {
		e.idleOf, e.idle = c.module, map[string]api.Function{}
	}
	for _, name := range names {
		f := e.idle[name]
		if f == nil {
			f = c.module.ExportedFunction(name)
		}
		if f != nil {
			delete(e.idle, name)
			return export{name, f, len(f.Definition().ParamTypes())}, true
		}
	}
	return export{}, false
}

// run calls an exported function, which must not fail.
func (c call) run(what string, x export, stack []uint64) {
	if err := c.enter(what, x.f, stack); err != nil {
		rethrow(err)
	}
	c.idle(x)
}

// idle says that an exported function is not in use any more. One whose stack has grown is dropped.
func (c call) idle(x export) {
	if e := c.env; e.idleOf == c.module && StackSize(x.f) < DeepStack {
		e.idle[x.name] = x.f
	}
}
