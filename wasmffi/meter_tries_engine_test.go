package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// triesGlobal is what counts the try_tables of a module that has no export of such a name.
const triesGlobal = "wasmffi.meter.tries"

// errTooLong ends a call that goes on and on.
var errTooLong = errors.New(tryLimit)

// tryOutcome is how a call of the engine ended, in the words of tryRun.
func tryOutcome(err error) string {
	switch {
	case err == nil:
		return tryReturns
	case errors.Is(err, errTooLong):
		return tryLimit
	case strings.Contains(err.Error(), "stack overflow"):
		return tryOverflow
	case strings.Contains(err.Error(), "uncaught exception"):
		return tryThrows
	}
	return err.Error()
}

// TestMeterTriesRandomEngine runs random programs with try_tables, and wants the count to be what it is by an interpreter that
// counts by its own recursion: wherever the program notes it, and 0 after calls that return.
func TestMeterTriesRandomEngine(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	ends, notes, deepest := map[string]int{}, 0, 0
	for i := range sometimes(250) {
		p := newTryProgram(rng)
		code := p.code(t)
		h := newMeterHost(t, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(everyFeature))
		if i%2 == 0 {
			h.o.Budget, h.slice = 1, 1
		}
		real := &tryRun{program: p, limit: 20 + rng.IntN(600)}
		oracle := &tryRun{program: p, limit: real.limit}
		var active api.MutableGlobal
		_, err := h.r.NewHostModuleBuilder("t").
			NewFunctionBuilder().WithFunc(func(n uint32) uint32 { return real.next(n) }).Export("choose").
			NewFunctionBuilder().WithFunc(func() {
			if !real.note(int(active.Get())) {
				panic(errTooLong)
			}
		}).Export("note").Instantiate(bg)
		require.NoError(t, err)
		m, err := h.instantiate(code, "")
		require.NoError(t, err, "program %d: %x", i, code)
		global := m.ExportedGlobal(triesGlobal)
		if global == nil {
			require.NoError(t, h.r.Close(bg))
			continue
		}
		active = global.(api.MutableGlobal)
		for round := range 4 {
			for k := range p.functions {
				oracle.chosen = real.chosen
				real.log = nil
				want := oracle.outcome(k)
				_, err := m.ExportedFunction(fmt.Sprint("f", k)).Call(bg)
				what := fmt.Sprintf("program %d, round %d, function %d: %x", i, round, k, code)
				require.Equal(t, want, tryOutcome(err), what)
				require.Equal(t, oracle.log, real.log, what)
				if err == nil {
					require.Zero(t, active.Get(), what)
				}
				active.Set(0) // as a host does
				ends[want]++
				notes += len(real.log)
				for _, n := range real.log {
					deepest = max(deepest, n)
				}
			}
		}
		require.NoError(t, h.r.Close(bg))
	}
	t.Logf("calls: %v; %d notes, the deepest in %d try_tables", ends, notes, deepest)
	require.Positive(t, ends[tryReturns])
	require.Positive(t, ends[tryThrows])
	require.Greater(t, deepest, 20)
}

// tryModule has a function f of type (i32) -> () with a local, whose body lacks its end, and a tag.
func tryModule(t *testing.T, body ...string) []byte {
	t.Helper()
	m, err := wasmbin.Decode(binary(section(1, signature([]byte{i32}, nil), signature(nil, nil)), section(13, cat(0, 1))))
	require.NoError(t, err)
	_, err = m.AppendFunction(0, []byte("\x01\x01\x7f"+strings.Join(body, "")+closed))
	require.NoError(t, err)
	_, err = m.AppendExport(wasmbin.Export{Name: "f", Kind: wasmbin.KindFunc})
	require.NoError(t, err)
	return m.Encode()
}

// Parts of bodies.
const (
	tryAll    = "\x1f\x40\x01\x02\x00" // try_table; what it catches leads to the end of what is around it
	openBlock = "\x02\x40"
	throwOne  = "\x08\x00"
	closed    = "\x0b"
	recurse   = "\x20\x00\x41\x01\x6b\x22\x00\x04\x40\x20\x00\x10\x00\x0b" // n = n - 1; if n != 0 { f(n) }
	turnAgain = "\x20\x00\x41\x01\x6b\x22\x00\x0d\x00"                     // n = n - 1; if n != 0 { br 0 }
	countDown = "\x20\x00\x45\x0d\x01\x20\x00\x41\x01\x6b\x21\x00"         // if n == 0 { br 1 }; n = n - 1
)

// TestMeterTriesLimitEngine counts to the limit, and one further.
func TestMeterTriesLimitEngine(t *testing.T) {
	const most = wasmbin.MaxTries
	recursion := tryModule(t, tryAll, recurse, closed)
	thrice := tryModule(t, tryAll, tryAll, tryAll, recurse, closed, closed, closed)
	thrown := tryModule(t, tryAll, recurse, throwOne, closed)
	nest := func(n int) []byte { return tryModule(t, strings.Repeat(tryAll, n), strings.Repeat(closed, n)) }
	for _, c := range []struct {
		name string
		code []byte
		n    uint64
		want string
	}{
		{"recursion to the limit", recursion, most, tryReturns},
		{"recursion beyond", recursion, most + 1, tryOverflow},
		{"endless recursion", recursion, 1 << 31, tryOverflow},
		{"recursion through three, to the limit", thrice, most / 3, tryReturns},
		{"recursion through three, beyond", thrice, most/3 + 1, tryOverflow},
		{"recursion that throws", thrown, most, tryReturns},
		{"recursion that would throw, beyond", thrown, most + 1, tryOverflow},
		{"nested to the limit", nest(most), 1, tryReturns},
		{"nested beyond", nest(most + 1), 1, tryOverflow},
		{"nested far beyond", nest(2000), 1, tryOverflow},
		{"loop that catches", tryModule(t, forever, openBlock, tryAll, throwOne, closed, closed, turnAgain, closed), 5000, tryReturns},
		{"loop that a clause leads to", tryModule(t, openBlock, forever, countDown, tryAll, throwOne, closed, closed, closed), 5000, tryReturns},
		{"loop that catches, interpreted", tryModule(t, forever, openBlock, tryAll, throwOne, closed, closed, turnAgain, closed), 1_000_000, tryReturns},
		{"endless recursion, interpreted", recursion, 1 << 31, tryOverflow},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := wazero.NewRuntimeConfigCompiler() // which takes longer for each exception that it has caught before
			if strings.Contains(c.name, "interpreted") {
				config = wazero.NewRuntimeConfigInterpreter()
			}
			h := newMeterHost(t, config.WithCoreFeatures(everyFeature))
			m, err := h.instantiate(c.code, "")
			require.NoError(t, err)
			active := m.ExportedGlobal(triesGlobal).(api.MutableGlobal)
			for range 2 {
				_, err = m.ExportedFunction("f").Call(bg, c.n)
				require.Equal(t, c.want, tryOutcome(err))
				if err == nil {
					require.Zero(t, active.Get())
				}
				active.Set(0)
			}
		})
	}
}

// TestMeterTriesLeftEngine leaves a try_table in each way there is, again and again, and wants the engine to keep no copies of
// the stack for those that were left. With the module as it is, it keeps them where a branch leads to the end of the try_table
// itself, where a br_table has no label but the default, and where a clause leads out of a further try_table.
func TestMeterTriesLeftEngine(t *testing.T) {
	const turns, most = 5000, 10 << 20 // a copy takes 10 KiB
	for name, leave := range map[string]string{
		"fall":                         "",
		"throw":                        "\x08\x00",
		"br":                           "\x0c\x00",
		"br further":                   "\x0c\x01",
		"br_if":                        "\x20\x00\x0d\x00",
		"br_table":                     "\x20\x00\x0e\x01\x00\x01",
		"br_table, default":            "\x20\x00\x0e\x00\x00",
		"br_table far, default":        "\x20\x00\x0e\x00\x01",
		"clause to the end of another": tryAgain(0),
		"clause out of another":        tryAgain(1),
		"br_on_null":                   "\xd0\x70\xd5\x00\x1a",
	} {
		t.Run(name, func(t *testing.T) {
			h := newMeterHost(t, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(everyFeature))
			m, err := h.instantiate(tryModule(t, forever, openBlock, tryAll, leave, closed, closed, turnAgain, closed), "")
			require.NoError(t, err)
			before := liveBytes()
			f := m.ExportedFunction("f")
			_, err = f.Call(context.Background(), turns)
			require.NoError(t, err)
			require.Less(t, liveBytes(), before+most)
			runtime.KeepAlive(f) // which has the copies
		})
	}
}

// tryAgain throws in a try_table whose clause leads to a label.
func tryAgain(label byte) string { return "\x1f\x40\x01\x02" + string(label) + throwOne + closed }

// liveBytes is what is reachable.
func liveBytes() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
