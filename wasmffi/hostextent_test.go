package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// passing is a guest that calls env.f with an address and two numbers of 64 bits.
func passing() []byte {
	var m made
	f := m.imp("env", "f", "ijj", "j")
	m.pages(2)
	m.fn("call", "ijj", "j", opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opCall, leb(f))
	return m.bytes()
}

// Extents are the guest's word: what does not fit into its memory never reaches the Go function.
func TestImportHostileExtents(t *testing.T) {
	const (
		product    = "func(x: u8[n,m], n: i64, m: i64) -> i64"
		flat       = "func(x: u8[n*m], n: i64, m: i64) -> i64"
		difference = "func(x: u8[n-m], n: u64, m: u64) -> i64"
		doubles    = "func(x: f64[n,m,2] nullable, n: u64, m: u64) -> i64"
	)
	for _, tt := range []struct {
		sig  string
		ptr  uint32
		n, m uint64
		want any // the size, or a part of the error
	}{
		{product, 1024, 3, 1000, 3000},
		{product, 1024, 0, 1 << 32, 0},
		{product, 2*65536 - 6, 3, 2, 6},
		{product, 2*65536 - 6, 7, 1, `parameter 1 "x": what the guest passes is 0x1fffa to 0x20001, want a range inside of the memory`},
		{product, 2 * 65536, 0, 0, 0},
		{product, math.MaxUint32, 1, 1, "0xffffffff to 0x100000000"},
		{product, 0, 1, 1, "NULL"},
		{product, 1024, math.MaxUint64, 1, "shape[0] is n=-1"},
		{product, 1024, 1 << 33, 0, "shape[0] is n=8589934592"},
		{product, 1024, 1 << 32, 1 << 32, "want at most 2^32 bytes"},
		{product, 1024, math.MaxUint32, 1, "0x400 to 0x1000003ff"},
		{flat, 1024, 1 << 62, 4, "overflows 64 bits"},
		{flat, 1024, math.MaxUint64, math.MaxUint64, 1}, // -1 times -1
		{flat, 1024, 1 << 63, math.MaxUint64, "overflows 64 bits"},
		{difference, 1024, 1000, 3, 997},
		{difference, 1024, 3, 1000, "shape[0] is n-m=-997"},
		{difference, 1024, math.MaxUint64, math.MaxUint64 - 1, "overflows 64 bits"},
		{doubles, 1024, 3, 4, 24},
		{doubles, 1028, 3, 4, "0x404, want a multiple of 8"},
		{doubles, 0, 3, 4, 0},
		{doubles, 0, math.MaxUint64, 4, 0}, // of NULL there is no extent
	} {
		count := 0
		for _, fn := range []any{
			func(a *wasmffi.Args) error { return a.SetInt(int64(a.Array(0).Size())) },
			func(x memview.Array, n, m int64) int64 { return int64(x.Size()) },
			func(x memview.Array, n, m uint64) int64 { return int64(x.Size()) },
			func(ctx context.Context, x []uint8) (int64, error) { return int64(len(x)), ctx.Err() },
			func(x []float64) int64 { return int64(len(x)) },
		} {
			h, err := wasmffi.NewHostFunc(tt.sig, fn)
			if err != nil {
				continue
			}
			count++
			lib := openWith(t, passing(), wasmffi.Options{Cache: wasmffi.NewCache(0), Imports: map[string]*wasmffi.HostFunc{"env.f": h}})
			r, err := bind(t, lib, "call(p: u32, n: u64, m: u64) -> i64").Call(bg, tt.ptr, tt.n, tt.m)
			what := fmt.Sprintf("%s of %#x, %d, %d as %T", tt.sig, tt.ptr, tt.n, tt.m, fn)
			if text, ok := tt.want.(string); ok {
				require.ErrorContains(t, err, text, what)
				var te *wasmffi.TypeError
				require.True(t, errors.As(err, &te), what)
				require.ErrorAs(t, err, new(*wasmffi.HostError), what)
				require.NotErrorIs(t, err, wasmffi.ErrNotRun, what)
				continue
			}
			require.NoError(t, err, what)
			require.EqualValues(t, tt.want, r.Int(), what)
		}
		require.GreaterOrEqual(t, count, 2)
	}
}

// A library can be told to close from inside, and does when the call returns.
func TestCloseFromImport(t *testing.T) {
	done, cancel := context.WithCancel(bg)
	cancel()
	for name, end := range map[string]func(*wasmffi.Library) error{
		"Close":        func(lib *wasmffi.Library) error { return lib.Close() },
		"CloseContext": func(lib *wasmffi.Library) error { return lib.CloseContext(done) },
	} {
		var lib *wasmffi.Library
		m := compile(t, passing(), given(t, map[string]goFunc{"env.f": {"func(x: u8[n] nullable, n: i64, m: i64) -> i64", func(x []uint8, _, m int64) (int64, error) {
			return m + 1, end(lib)
		}}}))
		lib = must(m.Instantiate(bg))
		f := bind(t, lib, "call(p: u32, n: u64, m: u64) -> i64")
		_, err := f.Call(bg, 0, 0, 41)
		require.ErrorIs(t, err, wasmffi.ErrBusy, name)
		require.ErrorAs(t, err, new(*wasmffi.HostError), name)
		_, err = f.Call(bg, 0, 0, 41)
		require.ErrorIs(t, err, wasmffi.ErrClosed, name)
		require.NoError(t, lib.Close())
	}
}

// The context of a call is that of the Go functions in it, and can end while they run.
func TestImportContext(t *testing.T) {
	cause := errors.New("enough")
	for _, unmetered := range []bool{false, true} {
		ctx, cancel := context.WithCancelCause(bg)
		o := given(t, map[string]goFunc{"env.f": {"func(p: ptr, n: i64, m: i64) -> i64", func(ctx context.Context, _ memview.Ptr, n, m int64) (int64, error) {
			if n > 0 {
				cancel(cause)
				<-ctx.Done()
			}
			if n > 1 {
				return 0, context.Cause(ctx)
			}
			return m, nil
		}}})
		o.Unmetered = unmetered
		lib := openWith(t, passing(), o)
		f := bind(t, lib, "call(p: u32, n: u64, m: u64) -> i64")
		r, err := f.Call(ctx, 0, 0, 5)
		require.NoError(t, err)
		require.EqualValues(t, 5, r.Int())
		_, err = f.Call(ctx, 0, 2, 5)
		require.ErrorIs(t, err, cause, "unmetered: %v", unmetered)
		_, err = f.Call(ctx, 0, 0, 5)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		require.NoError(t, lib.Reset(bg, nil))
		ctx, cancel = context.WithCancelCause(bg)
		_, err = f.Call(ctx, 0, 1, 5) // done, while the guest need not return
		if err != nil {
			require.ErrorIs(t, err, wasmffi.ErrStopped)
			require.ErrorIs(t, err, cause)
		}
		cancel(nil)
	}
}

// Names of a guest's are quoted in what people read.
func TestHostileNames(t *testing.T) {
	var m made
	m.imp("env\nFAKE", "x\x1b[31m\r\nwasmffi: ok", "", "")
	m.fn("f\n\x1b[2J", "", "", opCall, 0)
	m.fn("g", "", "", opCall, 0)
	lib := openWith(t, m.bytes(), wasmffi.Options{})
	_, called := bind(t, lib, "g()").Call(bg)
	_, strict := wasmffi.Compile(bg, m.bytes(), &wasmffi.Options{StrictImports: true})
	_, required := wasmffi.Compile(bg, m.bytes(), &wasmffi.Options{Require: []string{"f()"}})
	_, constructor := wasmffi.Compile(bg, m.bytes(), &wasmffi.Options{Constructor: "f"})
	m.imp("env\n", "\x00", "v", "")
	_, vector := wasmffi.Compile(bg, m.bytes(), nil)
	for name, err := range map[string]error{"called": called, "strict": strict, "required": required, "constructor": constructor, "vector": vector} {
		require.Error(t, err, name)
		for _, c := range err.Error() {
			require.True(t, c >= ' ' || name == "required" && c == '\n', "%s: %q", name, err)
		}
	}
}
