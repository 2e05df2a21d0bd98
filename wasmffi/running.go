package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero/api"
)

// running tells which instance calls a host function. It belongs to the code, which
// the instances share, and holds nothing that a user has.
type running struct{ by sync.Map } // *instance or *trampolines, by the engine's module

// instance is the one that calls, nil for a module that is none.
func (r *running) instance(m api.Module) *instance {
	x, _ := r.by.Load(m)
	in, _ := x.(*instance)
	return in
}

// hostFailure is the panic by which a host function stops the guest.
type hostFailure struct {
	name     string // of the function
	err      error
	panicked bool
	value    any // of the panic
}

func (f *hostFailure) Error() string {
	if f.panicked {
		return fmt.Sprintf("%s panicked: %v", f.name, f.value)
	}
	return fmt.Sprintf("%s: %v", f.name, f.err)
}

func (f *hostFailure) Unwrap() error { return f.err }

// imported is the engine's form of a host function that a module imports.
func (r *running) imported(f *HostFunc, name string) api.GoModuleFunction {
	return api.GoModuleFunc(func(ctx context.Context, m api.Module, stack []uint64) {
		in := r.instance(m)
		if in == nil {
			panic(&hostFailure{name: name, err: errors.New("it is called by no library")})
		}
		in.host(ctx, f, name, stack)
	})
}

// host runs a Go function for the guest.
func (in *instance) host(ctx context.Context, f *HostFunc, name string, stack []uint64) {
	returned := false
	in.hosting.Store(true)
	defer func() {
		in.hosting.Store(false)
		if returned {
			return
		}
		// The engine takes no notice of runtime.Goexit: it runs through the guest and the
		// call without an error, past a stack that nobody unwinds.
		v := recover()
		if v == nil {
			in.spoil(fmt.Errorf("%s called runtime.Goexit", name))
			return
		}
		panic(&hostFailure{name: name, panicked: true, value: v})
	}()
	err := f.run(ctx, &in.args, in.window.Load(), stack)
	returned = true
	if err != nil {
		panic(&hostFailure{name: name, err: err})
	}
	in.look(ctx)
}
