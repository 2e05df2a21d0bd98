package wasmffi_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// starts are the ways in which a guest calls the host while it is made.
var starts = map[string]func(*made, int){
	"start section": func(m *made, f int) { m.start = leb(f) },
	"constructor":   func(m *made, f int) { m.export("_initialize", kindFunc, f) },
	"relocations":   func(m *made, f int) { m.export("__wasm_apply_data_relocs", kindFunc, f) },
}

// starting is a module that calls env.early(i32, i32) -> i32 with an address, where 7 stands, and 1 before anybody has
// called it, and keeps the result.
func starting(how func(*made, int)) []byte {
	var m made
	early := m.imp("env", "early", "ii", "i")
	m.pages(1)
	m.data = append(m.data, cat(0, constant(2048), opEnd, leb(4), 7, 0, 0, 0))
	how(&m, m.fn("", "", "", constant(4096), constant(2048), constant(1), opCall, leb(early), opStore, 2, 0))
	m.fn("value", "", "i", constant(4096), opLoad, 2, 0)
	m.fn("again", "i", "i", opLocalGet, 0, constant(1), opCall, leb(early))
	return m.bytes()
}

func TestImportWhileStarting(t *testing.T) {
	for name, how := range starts {
		t.Run(name, func(t *testing.T) {
			m := compile(t, starting(how), given(t, map[string]goFunc{"env.early": {"func(x: i32[n], n: size) -> i32", func(x []int32) int32 {
				x[0]++
				return x[0] * 10
			}}}))
			var wg sync.WaitGroup
			for range 4 { // each with its own memory, also at the same time
				wg.Go(func() {
					for range 10 {
						lib, err := m.Instantiate(bg)
						if err != nil {
							t.Error(err)
							return
						}
						value, again := bind(t, lib, "value() -> i32"), bind(t, lib, "again(p: u32) -> i32")
						for _, f := range []func() (wasmffi.Result, error){
							func() (wasmffi.Result, error) { return value.Call(bg) },
							func() (wasmffi.Result, error) { return again.Call(bg, 2048) },
						} {
							if r, err := f(); err != nil || r.Int() != 80 && r.Int() != 90 {
								t.Errorf("got %v, %v", r.Int(), err)
							}
						}
						// A reset makes it anew.
						if err := lib.Reset(bg, nil); err != nil {
							t.Error(err)
						} else if r, err := value.Call(bg); err != nil || r.Int() != 80 {
							t.Errorf("after a reset: got %v, %v", r.Int(), err)
						}
						if err := lib.Close(); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// What goes wrong while an instance is made leaves nothing, and the module can be closed, and used again.
func TestImportFailsWhileStarting(t *testing.T) {
	fails := map[string]struct {
		fn   func(memview.Array) (int32, error)
		want func(t *testing.T, panicked any, err error)
	}{
		"error": {func(memview.Array) (int32, error) { return 0, &coded{5} }, func(t *testing.T, panicked any, err error) {
			var own *coded
			require.ErrorAs(t, err, &own)
			require.EqualValues(t, 5, own.code)
			var host *wasmffi.HostError
			require.ErrorAs(t, err, &host)
			require.Equal(t, "env.early", host.Host)
			require.Nil(t, panicked)
		}},
		"panic": {func(memview.Array) (int32, error) { panic("lost") }, func(t *testing.T, panicked any, err error) {
			require.Equal(t, "lost", panicked)
		}},
		"goexit": {func(memview.Array) (int32, error) { runtime.Goexit(); return 0, nil }, func(t *testing.T, panicked any, err error) {}},
	}
	for name, how := range starts {
		for kind, fail := range fails {
			t.Run(name+", "+kind, func(t *testing.T) {
				failing := true
				o := given(t, map[string]goFunc{"env.early": {"func(x: i32[n], n: size) -> i32", func(a memview.Array) (int32, error) {
					if failing {
						return fail.fn(a)
					}
					return 1, nil
				}}})
				o.Cache = wasmffi.NewCache(0)
				m, err := wasmffi.Compile(bg, starting(how), &o)
				require.NoError(t, err)
				for range 3 {
					panicked, err := instantiating(m)
					fail.want(t, panicked, err)
				}
				failing = false
				lib, err := m.Instantiate(bg)
				require.NoError(t, err)
				require.EqualValues(t, 1, call(t, bind(t, lib, "value() -> i32")).Int())
				failing = true
				panicked, err := func() (panicked any, err error) {
					defer func() { panicked = recover() }()
					done := make(chan struct{})
					go func() { // which may end
						defer close(done)
						defer func() { panicked = recover() }()
						err = lib.Reset(bg, nil)
					}()
					<-done
					return panicked, err
				}()
				if err != nil || panicked != nil { // it was made anew
					fail.want(t, panicked, err)
				}
				require.NoError(t, lib.Close())
				require.NoError(t, m.Close())
				n, _ := o.Cache.Len()
				require.Zero(t, n, "modules that somebody still holds")
			})
		}
	}
}

// instantiating is Instantiate of a module whose start goes wrong, on a goroutine that may end.
func instantiating(m *wasmffi.Module) (panicked any, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		lib, e := m.Instantiate(bg)
		if err = e; err == nil {
			err = errors.Join(errors.New("instantiated"), lib.Close())
		}
	}()
	<-done
	return panicked, err
}

func TestFailedStartsLeaveNothing(t *testing.T) {
	alone(t, 0, func(t *testing.T) {
		var what int
		o := given(t, map[string]goFunc{"env.early": {"func(x: i32[n], n: size) -> i32", func(a memview.Array) (int32, error) {
			switch what++; what % 3 {
			case 0:
				return 0, &coded{1}
			case 1:
				panic("lost")
			}
			runtime.Goexit()
			return 0, nil
		}}})
		var modules []*wasmffi.Module
		for _, how := range starts {
			modules = append(modules, compile(t, starting(how), o))
		}
		leavesNothing(t, 60, times(1500), 0, func(i int) { instantiating(modules[i%len(modules)]) })
	})
}
