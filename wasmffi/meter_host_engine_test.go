package wasmffi_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/loader/wasmbin"
)

// meterHost is a runtime whose guests are metered, and what refills them.
type meterHost struct {
	r     wazero.Runtime
	o     wasmbin.MeterOptions
	slice uint64                           // what a refill puts into the global
	polls int                              // refills so far
	until time.Time                        // after this, refills panic; zero for never
	fuel  map[api.Module]api.MutableGlobal // of each instance
}

// errStopped is the panic of a refill that stops the guest.
var errStopped = errors.New("stopped by the host")

func newMeterHost(tb testing.TB, config wazero.RuntimeConfig) *meterHost {
	tb.Helper()
	h := &meterHost{r: wazero.NewRuntimeWithConfig(bg, config), slice: 1 << 16, fuel: map[api.Module]api.MutableGlobal{}}
	tb.Cleanup(func() { require.NoError(tb, h.r.Close(bg)) })
	_, err := h.r.NewHostModuleBuilder("meter.host").NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, m api.Module, _ []uint64) {
			h.polls++
			if !h.until.IsZero() {
				runtime.Gosched()
				if time.Now().After(h.until) {
					panic(errStopped)
				}
			}
			h.fuel[m].Set(h.slice)
		}), nil, nil).Export("refill").Instantiate(bg)
	require.NoError(tb, err)
	return h
}

// meteredModule is a module after the rewrite.
type meteredModule struct {
	code  []byte
	names *wasmbin.Metering
	start string // the export that the start section named, or nothing
}

// meterCode does what a host does with the bytes of a module.
func meterCode(code []byte, o wasmbin.MeterOptions) (*meteredModule, error) {
	m, err := wasmbin.Decode(code)
	if err != nil {
		return nil, err
	}
	if err := m.CheckIndices(); err != nil {
		return nil, err
	}
	out := new(meteredModule)
	if f, ok := m.RemoveStart(); ok {
		out.start = m.PrivatePrefix("meter.start")
		if _, err := m.AppendExport(wasmbin.Export{Name: out.start, Kind: wasmbin.KindFunc, Index: f}); err != nil {
			return nil, err
		}
	}
	m.DropCustoms(".debug_")
	if out.names, err = m.Meter(o); err != nil {
		return nil, err
	}
	out.code = m.Encode()
	return out, nil
}

// instantiate meters, instantiates, and runs what was the start function.
func (h *meterHost) instantiate(code []byte, name string) (api.Module, error) {
	metered, err := meterCode(code, h.o)
	if err != nil {
		return nil, err
	}
	mod, err := h.r.InstantiateWithConfig(bg, metered.code, wazero.NewModuleConfig().WithName(name).WithStartFunctions())
	if err != nil {
		return nil, err
	}
	h.fuel[mod] = mod.ExportedGlobal(metered.names.Fuel).(api.MutableGlobal)
	resolved := experimental.WithImportResolver(bg, func(name string) api.Module {
		if name == "meter.guest" {
			return mod
		}
		return nil
	})
	refill := wasmbin.EncodeRefill("meter.host", "refill", "meter.guest", metered.names.Poll)
	helper, err := h.r.InstantiateWithConfig(resolved, refill, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, err
	}
	if err := helper.Close(bg); err != nil { // the table keeps the function
		return nil, err
	}
	if metered.start != "" {
		if _, err := mod.ExportedFunction(metered.start).Call(bg); err != nil {
			return nil, errors.Join(err, mod.Close(bg))
		}
	}
	return mod, nil
}
