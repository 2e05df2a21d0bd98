package loader_test

import (
	"fmt"
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/testdata/wasm"
)

// harden hardens a module that can be, and decodes what comes out.
func harden(t testing.TB, module string, o *loader.HardenOptions) (*loader.Hardened, *wasmbin.Module) {
	t.Helper()
	h, err := loader.Harden(load(t, module), o)
	require.NoError(t, err)
	m, err := wasmbin.Decode(h.Wasm)
	require.NoError(t, err)
	require.NoError(t, m.CheckIndices())
	return h, m
}

func TestHardenFixtures(t *testing.T) {
	files, err := fs.Glob(wasm.FS, "*.wasm")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			code, err := wasm.FS.ReadFile(file)
			require.NoError(t, err)
			before, err := wasmbin.Decode(code)
			require.NoError(t, err)
			h, m := harden(t, string(code), nil)
			require.Equal(t, len(code), h.Report.Size)
			require.Nil(t, h.Report.Module())
			require.Equal(t, before.Customs, m.Customs)
			require.Equal(t, before.Imports, m.Imports)
			require.Equal(t, before.Start, m.Start)
			require.Equal(t, before.Exports, m.Exports[:len(before.Exports)])
			require.Equal(t, []wasmbin.Export{
				{Name: "wasmffi.meter.fuel", Kind: wasmbin.KindGlobal, Index: uint32(len(before.Globals))},
				{Name: "wasmffi.meter.poll", Kind: wasmbin.KindTable, Index: uint32(len(before.Tables))},
			}, m.Exports[len(before.Exports):])
			require.Equal(t, "\x42\x80\x94\xeb\xdc\x03\x0b", string(m.Globals[len(before.Globals)].Init))
			require.EqualValues(t, 256<<20, h.Memory.Max)
			require.EqualValues(t, 4096, m.Memories[0].Limits.Max)
			for _, table := range m.Tables {
				require.True(t, table.Limits.HasMax)
			}

			r := inspect(t, string(h.Wasm), nil)
			require.NoError(t, r.Admit())
			require.Equal(t, *h.Memory, *r.Memory)
			require.Equal(t, h.Tables, r.Tables[:len(h.Tables)])
			require.Len(t, r.Tables, len(h.Tables)+1)
			_, err = loader.Harden(load(t, string(h.Wasm)), nil)
			requireError(t, err, loader.ErrRefused, `loader: harden "vec": got a module that is hardened already: it exports "wasmffi.meter.fuel"; want the one it was made of`)
		})
	}
}

func TestHardenLimits(t *testing.T) {
	const full = "\xff\xff\xff\xff\x0f"
	for what, c := range map[string]struct {
		module string
		o      *loader.HardenOptions
		memory uint64 // most bytes; 0: no memory
		tables []uint32
		err    string // Reason
	}{
		"nothing":               {module: empty},
		"no limit":              {module: empty + section(5, "\x01\x00\x01"), memory: 256 << 20},
		"a lower one":           {module: empty + section(5, "\x01\x01\x01\x05"), memory: 5 * 65536},
		"a higher one":          {module: empty + section(5, "\x01\x01\x01\x80\x80\x04"), memory: 256 << 20},
		"an option":             {module: empty + section(5, "\x01\x00\x01"), o: &loader.HardenOptions{Memory: 3*65536 - 1}, memory: 2 * 65536},
		"all memory":            {module: empty + section(5, "\x01\x00\x01"), o: &loader.HardenOptions{Memory: loader.MaxMemorySize}, memory: loader.MaxMemorySize},
		"just enough":           {module: empty + section(5, "\x01\x00\x80\x20"), memory: 256 << 20},
		"imported":              {module: empty + section(2, "\x01\x01m\x01n\x02\x00\x01"), memory: 256 << 20},
		"shared":                {module: empty + section(5, "\x01\x03\x01\x80\x80\x04"), o: &loader.HardenOptions{Threads: true}, memory: 256 << 20},
		"above 4 GiB":           {module: empty + section(5, "\x01\x01\x01\x80\x80\x05"), memory: 0x14000 * 65536},
		"below the minimum":     {module: empty + section(5, "\x01\x01\x05\x01"), memory: 65536},
		"a table":               {module: empty + section(4, "\x01\x70\x00\x05"), tables: []uint32{1_000_000}},
		"shares":                {module: empty + section(2, "\x01\x01m\x01t\x01\x70\x00\x05") + section(4, "\x01\x70\x01\x00\x07"), o: &loader.HardenOptions{Tables: 25}, tables: []uint32{15, 7}},
		"threads":               {module: empty + section(5, "\x01\x03\x01\x02"), err: "uses threads (atomic instructions or a shared memory): set Options.Threads, or compile without -pthread"},
		"a memory above":        {module: empty + section(5, "\x01\x00\x81\x20"), err: "memory: got 268500992 bytes at first, want at most 268435456"},
		"an imported one above": {module: empty + section(2, "\x01\x01m\x01n\x02\x00\x03"), o: &loader.HardenOptions{Memory: 65536}, err: "memory: got 196608 bytes at first, want at most 65536"},
		"both above": {module: empty + section(4, "\x01\x70\x00\x05") + section(5, "\x01\x00\x81\x20"), o: &loader.HardenOptions{Tables: 4},
			err: "memory: got 268500992 bytes at first, want at most 268435456; tables: got 5 entries at first in all, want at most 4"},
		"more than is admitted": {module: empty + section(4, "\x01\x70\x00"+full), o: &loader.HardenOptions{Tables: math.MaxUint32},
			err: "tables: got 4294967295 entries at first in all, want at most 10000000: set a smaller initial size when linking"},
		"fuel":          {module: empty, o: &loader.HardenOptions{Fuel: 1 << 63}, err: "HardenOptions.Fuel: got 9223372036854775808, want at most 9223372036854775807"},
		"little memory": {module: empty, o: &loader.HardenOptions{Memory: 65535}, err: "HardenOptions.Memory: got 65535 bytes, want 65536 to 4294901760"},
		"much memory":   {module: empty, o: &loader.HardenOptions{Memory: 1 << 32}, err: "HardenOptions.Memory: got 4294967296 bytes, want 65536 to 4294901760"},
	} {
		t.Run(what, func(t *testing.T) {
			if c.err != "" {
				h, err := loader.Harden(load(t, c.module), c.o)
				require.Nil(t, h)
				require.ErrorIs(t, err, loader.ErrRefused)
				require.Equal(t, c.err, err.(*loader.Error).Reason)
				return
			}
			h, m := harden(t, c.module, c.o)
			after := inspect(t, string(h.Wasm), &loader.InspectOptions{Threads: true})
			require.Equal(t, c.memory > 0, h.Memory != nil)
			if h.Memory != nil {
				require.Equal(t, c.memory, h.Memory.Max)
				require.Equal(t, *h.Memory, *after.Memory)
				require.Equal(t, h.Report.Memory.Min, h.Memory.Min)
			}
			require.Len(t, h.Tables, len(c.tables))
			for i, most := range c.tables {
				require.Equal(t, most, h.Tables[i].Max)
				require.Equal(t, most, m.AllTables()[i].Limits.Max)
			}
			require.Equal(t, h.Tables, after.Tables[:len(h.Tables)])
		})
	}
}

// A module may export names like those that are added: it gets others.
func TestHardenNames(t *testing.T) {
	for exports, want := range map[string]string{
		"f 0 0":                  "wasmffi.meter",
		"wasmffi.meter.fuel 0 0": "wasmffi.meter_",
		"wasmffi.meter_x 0 0,wasmffi.meter__ 0 0": "wasmffi.meter___",
	} {
		h, m := harden(t, exporting(strings.Split(exports, ",")...).bytes(), nil)
		require.Equal(t, want+".fuel", h.Fuel)
		require.Equal(t, want+".poll", h.Poll)
		_, err := loader.Harden(load(t, string(m.Encode())), nil)
		require.ErrorContains(t, err, "hardened already")
	}
}

func TestHardenCustoms(t *testing.T) {
	dylink, start := custom("dylink.0", "\x01\x04\x00\x00\x00\x00"), section(8, "\x00")
	module := empty + dylink + section(1, "\x01\x60\x00\x00") + section(3, "\x01\x00") + custom("wasmffi", "wasmffi 1\n") + start +
		custom("metadata.code.branch_hint", "\x00") + section(10, "\x01\x02\x00\x0b") + custom(".debug_info", "x") + custom("name", "") +
		custom("sourceMappingURL", "\x01x") + custom("producers", "\x00") + custom("reloc.CODE", "") + custom("target_features", "\x00") +
		custom("external_debug_info", "\x01x") + custom("name.debug_", "")
	h, m := harden(t, module, nil)
	require.Equal(t, 5, h.Drops)
	require.True(t, strings.HasPrefix(string(h.Wasm), empty+dylink+"\x01"), "dylink.0 stands first")
	require.EqualValues(t, 0, *m.Start, "the start section stays")
	var left []string
	for _, c := range m.Customs {
		left = append(left, c.Name)
	}
	require.Equal(t, []string{"dylink.0", "wasmffi", "name", "producers", "target_features", "name.debug_"}, left)
}

func TestHardenErrors(t *testing.T) {
	_, err := loader.Harden(load(t, empty+"\x01"), nil)
	requireError(t, err, loader.ErrFormat, `loader: inspect "vec": type section: offset 0x9: size: cut short`)
	_, err = loader.Harden(load(t, empty+section(5, "\x02\x00\x01\x00\x01")), nil)
	requireError(t, err, loader.ErrRefused, `loader: inspect "vec": uses several memories: the engine has no multi-memory; link with one memory`)
}

// FuzzHarden wants an error or a module that can be decoded, with the limits given, and is not hardened a second time.
func FuzzHarden(f *testing.F) {
	f.Add([]byte(empty), uint64(0), uint64(0), uint32(0))
	f.Add([]byte(several()), uint64(1000), uint64(1<<32), uint32(10))
	f.Add(wasm.Mem, uint64(1<<63), uint64(1<<20), uint32(1))
	f.Add([]byte(exporting("malloc 1 1", "wasmffi.meter_ 0 0").bytes()), uint64(5), uint64(65536), uint32(math.MaxUint32))
	f.Fuzz(func(t *testing.T, b []byte, fuel, memory uint64, tables uint32) {
		bin, err := loader.FromBytes("fuzz", b, nil)
		if err != nil {
			return
		}
		o := &loader.HardenOptions{Fuel: fuel, Memory: memory, Tables: tables, Threads: true, Exceptions: true}
		h, err := loader.Harden(bin, o)
		if err != nil {
			require.IsType(t, new(loader.Error), err)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := loader.FromBytes("fuzz", h.Wasm, nil)
		require.NoError(t, err)
		r, err := loader.Inspect(again, &loader.InspectOptions{Threads: true, Exceptions: true})
		require.NoError(t, err)
		var sum uint64
		for _, x := range h.Tables {
			sum += uint64(x.Max)
		}
		if tables == 0 {
			tables = loader.DefaultTables
		}
		require.LessOrEqual(t, sum, uint64(tables))
		if r.Memory != nil && r.Memory.Max <= 1<<32 {
			require.LessOrEqual(t, r.Memory.Max, max(memory, loader.DefaultMemory))
		}
		_, err = loader.Harden(again, o)
		require.ErrorIs(t, err, loader.ErrRefused)
	})
}

func ExampleHarden() {
	bin, err := loader.FromBytes("spin", spinWasm, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := loader.Harden(bin, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(bin.Bytes), "bytes become", len(h.Wasm))
	fmt.Println("a host sets", h.Fuel, "before each call")
	fmt.Println("memory", h.Report.Memory.Max, "becomes", h.Memory.Max)
	// Output:
	// 44 bytes become 227
	// a host sets wasmffi.meter.fuel before each call
	// memory 4294967296 becomes 268435456
}

func ExampleHardenOptions() {
	bin, err := loader.FromBytes("spin", spinWasm, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, size := range []uint64{65536, 1 << 20} {
		h, err := loader.Harden(bin, &loader.HardenOptions{Memory: size})
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(h.Memory.Max)
	}
	// Output:
	// loader: harden "spin": memory: got 131072 bytes at first, want at most 65536
	// 1048576
}

func ExampleHardened() {
	bin, err := loader.FromBytes("spin", spinWasm, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := loader.Harden(bin, &loader.HardenOptions{Fuel: 5_000})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := wasmbin.Decode(h.Wasm)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range m.Exports {
		fmt.Println(x.Kind, x.Name)
	}
	fmt.Printf("% x\n", m.Globals[0].Init) // i64.const 5000
	// Output:
	// func spin
	// global wasmffi.meter.fuel
	// table wasmffi.meter.poll
	// 42 88 27 0b
}

// spinWasm has a memory of two pages, and exports a function that does not return.
var spinWasm = []byte(empty + section(1, "\x01\x60\x00\x00") + section(3, "\x01\x00") + section(5, "\x01\x00\x02") +
	section(7, "\x01\x04spin\x00\x00") + section(10, "\x01\x07\x00\x03\x40\x0c\x00\x0b\x0b"))
