package wasmffi_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// relocatable is a module as tools for dynamic linking make it: it exports a pointer of its data, which relocations
// fill in, and reads it.
func relocatable() []byte { return relocatableWith([4][]byte{leb(64), leb(2), leb(2), leb(0)}, 1) }

// relocatableWith has what its dylink.0 section says, and so many tables.
func relocatableWith(info [4][]byte, tables int) []byte {
	var m made
	sizes := cat(info[0], info[1], info[2], info[3])
	m.customs = append(m.customs, cat("dylink.0", 1, leb(len(sizes)), sizes))
	m.imports = append(m.imports, cat("env", "memory", kindMemory, 0, 0))
	for i := range tables {
		name := "__indirect_function_table"
		if i > 0 {
			name = fmt.Sprint(name, i)
		}
		m.imports = append(m.imports, cat("env", name, kindTable, funcref, 0, 0))
	}
	m.imports = append(m.imports,
		cat("env", "__memory_base", kindGlobal, i32, 0), cat("env", "__table_base", kindGlobal, i32, 0),
		cat("env", "__stack_pointer", kindGlobal, i32, 1), cat("GOT.mem", "numbers", kindGlobal, i32, 1),
		cat("GOT.mem", "elsewhere", kindGlobal, i32, 1), cat("GOT.func", "thrice", kindGlobal, i32, 1))
	const memoryBase, tableBase, stack, numbers, elsewhere, thriceAt = 0, 1, 2, 3, 4, 5
	m.export("memory", kindMemory, 0)
	for name, at := range map[string]int{"stack": stack, "got_numbers": numbers, "got_elsewhere": elsewhere, "got_thrice": thriceAt, "memory_base": memoryBase, "table_base": tableBase} {
		m.fn(name, "", "i", opGlobalGet, at)
	}
	// The data: two i32, and the address of the second of them, which is 0 until it is relocated.
	m.fn("__wasm_apply_data_relocs", "", "",
		opGlobalGet, memoryBase, opGlobalGet, memoryBase, constant(4), opAdd, opStore, 2, 8)
	m.fn("second", "", "i", opGlobalGet, memoryBase, opLoad, 2, 8, opLoad, 2, 0) // *pointer
	thrice := m.fn("", "i", "i", opLocalGet, 0, constant(3), 0x6c)
	m.fn("apply", "ii", "i", opLocalGet, 1, opLocalGet, 0, opGlobalGet, tableBase, opAdd, opCallIndirect, leb(m.typ("i", "i")), 0)
	m.globals = append(m.globals, cat(i32, 0, constant(0), opEnd), cat(i32, 0, constant(8), opEnd))
	m.export("numbers", kindGlobal, 6)
	m.export("pointer", kindGlobal, 7)
	m.elems = append(m.elems, cat(0, opGlobalGet, tableBase, opEnd, leb(1), leb(thrice)))
	m.data = append(m.data, cat(0, opGlobalGet, memoryBase, opEnd, leb(8), []byte{11, 0, 0, 0, 22, 0, 0, 0}))
	return m.bytes()
}

func TestRelocatable(t *testing.T) {
	lib := openWith(t, relocatable(), wasmffi.Options{})
	number := func(name string) uint32 { return uint32(call(t, bind(t, lib, name+"() -> i32")).Int()) }
	base := number("memory_base")
	require.NotZero(t, base)
	require.Zero(t, base%16)
	require.NotZero(t, number("table_base"))
	require.Equal(t, base, number("got_numbers"))
	require.GreaterOrEqual(t, number("stack"), base+64, "above the data")
	require.Zero(t, number("stack")%16)
	require.GreaterOrEqual(t, lib.Memory().Size(), uint64(number("stack")))
	require.EqualValues(t, 22, number("second"), "by a pointer that was relocated")
	require.EqualValues(t, 42, call(t, bind(t, lib, "apply(i: i32, x: i32) -> i32"), 0, 14).Int())
	p, err := lib.Symbol("numbers")
	require.NoError(t, err)
	require.EqualValues(t, base, p)
	require.Equal(t, []int32{11, 22}, values[int32](t, must(memview.AsArray(lib.Memory(), p, memview.I32, 2))))
	p, err = lib.Symbol("pointer")
	require.NoError(t, err)
	require.EqualValues(t, base+8, p)

	// Arrays lie above all that, and nobody's data is theirs.
	a := array(t, lib, filled(20_000, 1))
	require.Greater(t, uint32(a.Ptr()), number("stack")-1)
	require.EqualValues(t, 22, number("second"))
	s, err := lib.Snapshot()
	require.NoError(t, err)
	require.NoError(t, lib.Reset(bg, s))
	require.EqualValues(t, 22, number("second"))
	require.NoError(t, lib.Reset(bg, nil))
	require.EqualValues(t, 22, number("second"))
	require.EqualValues(t, base, number("got_numbers"))

	// The caller's word comes first.
	lib = openWith(t, relocatable(), wasmffi.Options{Globals: map[string]uint64{"env.__memory_base": 4096, "GOT.mem.elsewhere": 1 << 31, "env.nobody": 5}})
	require.EqualValues(t, 4096, number("memory_base"))
	require.EqualValues(t, uint32(1<<31), number("got_elsewhere"))
}

// What a module says of its data is hostile.
func TestRelocatableHostile(t *testing.T) {
	for name, section := range map[string][]byte{
		"empty":                 {},
		"cut short":             {1},
		"longer than it is":     {1, 100, 1},
		"length of 10 bytes":    {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"length of 11 bytes":    {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"numbers cut short":     {1, 2, 16, 4},
		"a number without end":  {1, 4, 0x80, 0x80, 0x80, 0x80},
		"unknown parts":         {9, 3, 1, 2, 3, 1, 4, 16, 4, 1, 0},
		"the same part twice":   {1, 4, 16, 4, 1, 0, 1, 4, 32, 4, 2, 0},
		"an alignment of 2**99": {1, 4, 16, 99, 1, 99},
	} {
		var m made
		m.customs = append(m.customs, cat("dylink.0", section))
		m.imports = append(m.imports, cat("env", "memory", kindMemory, 0, 0), cat("env", "__memory_base", kindGlobal, i32, 0))
		m.fn("base", "", "i", opGlobalGet, 0)
		lib := openWith(t, m.bytes(), wasmffi.Options{})
		require.NotZero(t, call(t, bind(t, lib, "base() -> i32")).Int(), name)
		require.Equal(t, []float64{1}, values[float64](t, array(t, lib, []float64{1})), name)
	}
	_, err := wasmffi.Compile(bg, relocatableWith([4][]byte{leb(64), leb(2), leb(20_000_000), leb(0)}, 1), nil)
	require.ErrorIs(t, err, wasmffi.ErrImport)
	require.ErrorContains(t, err, "dylink.0: got 66624 bytes of data and stack, and 20000001 entries of the table, want at most")
	_, err = wasmffi.Compile(bg, relocatableWith([4][]byte{uleb(math.MaxUint32), leb(2), leb(2), leb(0)}, 1), nil)
	require.ErrorContains(t, err, "dylink.0: got 4295033856 bytes of data and stack")
}

// memories that a module imports become its own.
func TestImportedMemory(t *testing.T) {
	const none = -1
	for _, tt := range []struct {
		name           string
		minimum, limit int // pages; none: no maximum
		data           int // an address that the module writes to; none: it does not
		want           string
	}{
		{"of nothing", 0, none, none, ""},
		{"of nothing, and no more", 0, 0, none, ""},
		{"of a page", 1, none, 65532, ""},
		{"of a page, and no more", 1, 1, 65532, ""},
		{"too small for the data", 0, none, 100, "out of bounds memory access"},
		{"of a maximum below the data", 0, 0, 100, "out of bounds memory access"},
		{"above the limit", 100, none, none, "memory limit"},
		{"of a maximum above the limit", 1, 65536, none, ""},
	} {
		var m made
		limits := cat(0, leb(tt.minimum))
		if tt.limit != none {
			limits = cat(1, leb(tt.minimum), leb(tt.limit))
		}
		m.imports = append(m.imports, cat("js", "mem", kindMemory, limits))
		m.fn("pages", "", "i", 0x3f, 0)
		m.fn("grow", "i", "i", opLocalGet, 0, opGrow, 0)
		if tt.data != none {
			m.data = append(m.data, cat(0, constant(int64(tt.data)), opEnd, leb(4), 1, 2, 3, 4))
		}
		mod := compile(t, m.bytes(), wasmffi.Options{Limits: wasmffi.Limits{Memory: 64 * 65536}})
		memory, ok := mod.Memory()
		require.True(t, ok)
		require.EqualValues(t, tt.minimum*65536, memory.Min, tt.name)
		lib, err := mod.Instantiate(bg)
		if tt.want != "" {
			require.ErrorContains(t, err, tt.want, tt.name)
			continue
		}
		require.NoError(t, err, tt.name)
		require.EqualValues(t, tt.minimum, call(t, bind(t, lib, "pages() -> i32")).Int(), tt.name)
		if tt.data != none {
			require.Equal(t, []uint8{1, 2, 3, 4}, values[uint8](t, must(memview.AsArray(lib.Memory(), memview.Ptr(tt.data), memview.U8, 4))))
		}
		require.EqualValues(t, -1, call(t, bind(t, lib, "grow(n: i32) -> i32"), 65).Int(), tt.name)
		// The host makes room for arrays all the same.
		require.Empty(t, values[float64](t, array(t, lib, []float64{})), tt.name)
		a := array(t, lib, filled(8192, 2))
		require.Equal(t, filled(8192, 2), values[float64](t, a), tt.name)
		require.GreaterOrEqual(t, uint32(a.Ptr()), uint32(1024), tt.name)
		require.NoError(t, lib.Close())
	}
	shared := made{imports: [][]byte{cat("env", "memory", kindMemory, 3, 1, 2)}}
	_, err := wasmffi.Compile(bg, shared.bytes(), nil)
	require.ErrorContains(t, err, "Options.Threads")
	lib := openWith(t, shared.bytes(), wasmffi.Options{Threads: true})
	require.EqualValues(t, 65536, lib.Memory().Size())
	require.Equal(t, []float64{1}, values[float64](t, array(t, lib, []float64{1})))
}

func TestImportedGlobals(t *testing.T) {
	var m made
	for i, typ := range []byte{i32, i64, f32, f64} {
		m.imports = append(m.imports, cat("env", fmt.Sprint("c", i), kindGlobal, typ, 0), cat("env", fmt.Sprint("v", i), kindGlobal, typ, 1))
	}
	m.imports = append(m.imports, cat("env", "vector", kindGlobal, 0x7b, 1), cat("env", "any", kindGlobal, 0x6f, 1), cat("global", "NaN", kindGlobal, f64, 0), cat("global", "Infinity", kindGlobal, f64, 0))
	m.globals = append(m.globals, cat(i32, 0, opGlobalGet, 0, opEnd), cat(f64, 1, opGlobalGet, 6, opEnd))
	for i, typ := range []string{"i", "i", "j", "j", "f", "f", "d", "d"} {
		m.fn(fmt.Sprint("get", i), "", typ, opGlobalGet, i)
		if i%2 == 1 {
			m.fn(fmt.Sprint("set", i), typ, "", opLocalGet, 0, opGlobalSet, i)
		}
	}
	m.fn("nan", "", "d", opGlobalGet, 10)
	m.fn("inf", "", "d", opGlobalGet, 11)
	m.fn("copy_i", "", "i", opGlobalGet, 12)
	m.fn("copy_d", "", "d", opGlobalGet, 13)
	code := m.bytes()
	get := func(lib *wasmffi.Library, name, typ string) wasmffi.Result {
		return call(t, bind(t, lib, name+"() -> "+typ))
	}

	lib := openWith(t, code, wasmffi.Options{})
	for i, typ := range []string{"i32", "i32", "i64", "i64"} {
		require.Zero(t, get(lib, fmt.Sprint("get", i), typ).Int())
	}
	require.True(t, math.IsNaN(get(lib, "nan", "f64").Float64()))
	require.True(t, math.IsInf(get(lib, "inf", "f64").Float64(), 1))

	values := map[string]uint64{"env.c0": 1<<32 - 5, "env.v0": 3, "env.c1": 1 << 63, "env.v1": math.MaxUint64,
		"env.c2": uint64(math.Float32bits(1.5)), "env.v2": uint64(math.Float32bits(-0.25)), "env.c3": math.Float64bits(math.Pi), "env.v3": math.Float64bits(-1e300)}
	o := wasmffi.Options{Globals: values}
	lib = openWith(t, code, o)
	start := func() {
		require.EqualValues(t, -5, get(lib, "get0", "i32").Int())
		require.EqualValues(t, 3, get(lib, "get1", "i32").Int())
		require.EqualValues(t, int64(math.MinInt64), get(lib, "get2", "i64").Int())
		require.EqualValues(t, -1, get(lib, "get3", "i64").Int())
		require.Equal(t, 1.5, get(lib, "get4", "f32").Float64())
		require.Equal(t, -0.25, get(lib, "get5", "f32").Float64())
		require.Equal(t, math.Pi, get(lib, "get6", "f64").Float64())
		require.Equal(t, -1e300, get(lib, "get7", "f64").Float64())
		require.EqualValues(t, -5, get(lib, "copy_i", "i32").Int())
		require.Equal(t, math.Pi, get(lib, "copy_d", "f64").Float64())
	}
	start()
	call(t, bind(t, lib, "set1(x: i32)"), 9)
	call(t, bind(t, lib, "set7(x: f64)"), 9)
	require.EqualValues(t, 9, get(lib, "get1", "i32").Int())
	other := openWith(t, code, o) // which has its own
	require.EqualValues(t, 3, get(other, "get1", "i32").Int())
	require.NoError(t, lib.Reset(bg, nil))
	start()

	// Values that differ make other code; a copy of the map is kept... by whoever compiled.
	delete(values, "env.c0")
	lib = openWith(t, code, wasmffi.Options{Globals: values})
	require.Zero(t, get(lib, "get0", "i32").Int())
}

func TestImportedTables(t *testing.T) {
	var m made
	m.imports = append(m.imports, cat("env", "t", kindTable, funcref, 1, 2, 3), cat("env", "u", kindTable, funcref, 0, 0), cat("env", "x", kindTable, 0x6f, 0, 4))
	one := m.fn("", "", "i", constant(1))
	two := m.fn("", "", "i", constant(2))
	m.elems = append(m.elems, cat(0, constant(0), opEnd, leb(2), leb(one), leb(two)))
	m.fn("call", "i", "i", opLocalGet, 0, opCallIndirect, leb(m.typ("", "i")), 0)
	for i := range 3 {
		m.fn(fmt.Sprint("size", i), "", "i", 0xfc, 16, i)
	}
	m.fn("grow", "i", "i", 0xd0, funcref, opLocalGet, 0, 0xfc, 15, 0)
	lib := openWith(t, m.bytes(), wasmffi.Options{})
	f := bind(t, lib, "call(i: i32) -> i32")
	for i := range 2 {
		require.EqualValues(t, i+1, call(t, f, i).Int())
	}
	for i, want := range []int{2, 0, 4} {
		require.EqualValues(t, want, call(t, bind(t, lib, fmt.Sprint("size", i, "() -> i32"))).Int())
	}
	ten := callback(t, lib, "func() -> i32", func() int32 { return 10 })
	require.EqualValues(t, 10, call(t, f, ten.Pointer()).Int())
	at, err := lib.FuncAt(1, "func() -> i32")
	require.NoError(t, err)
	require.EqualValues(t, 2, call(t, at).Int())
	_, err = f.Call(bg, 1000)
	require.ErrorIs(t, err, wasmffi.InvalidTableAccess)
}

func TestImportedTags(t *testing.T) {
	var m made
	m.imports = append(m.imports, cat("env", "__cpp_exception", kindTag, 0, leb(m.typ("i", ""))))
	// (block (result i32) (try_table (catch 0 0) (throw 0 (local 0))) (i32.const -1))
	m.fn("thrown", "i", "i", opBlock, i32, 0x1f, opEmpty, 1, 0, 0, 0, opLocalGet, 0, 0x08, 0, opEnd, constant(-1), opEnd)
	m.fn("uncaught", "i", "", opLocalGet, 0, 0x08, 0)
	_, err := wasmffi.Compile(bg, m.bytes(), nil)
	require.ErrorContains(t, err, "Options.Exceptions")
	lib := openWith(t, m.bytes(), wasmffi.Options{Exceptions: true})
	require.EqualValues(t, 7, call(t, bind(t, lib, "thrown(x: i32) -> i32"), 7).Int())
	_, err = bind(t, lib, "uncaught(x: i32)").Call(bg, 7)
	require.ErrorAs(t, err, new(*wasmffi.Trap))
}
