package loader_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
)

// function is a module with one function of a number of parameters and locals, and a body.
func function(params, locals int, code string) string {
	b := &builder{}
	b.funcs = []string{leb(b.typ(params, 0))}
	b.code = []string{str("\x01" + leb(locals) + "\x7f" + code + "\x0b")}
	return b.bytes()
}

// rows are n entries that are the same.
func rows(n int, entry string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = entry
	}
	return all
}

func loops(n int) string { return strings.Repeat("\x03\x40", n) + strings.Repeat("\x0b", n) }

// typed is a block of type 0, that of the function.
const typed = "\x02\x00\x0b"

func nested(n int) string { return strings.Repeat("\x02\x40", n) + strings.Repeat("\x0b", n) }

// bodyOf is code of a function whose groups of locals, of which there is one, and instructions have size bytes.
func bodyOf(size int) string { return strings.Repeat("\x01", size-3) }

func TestAdmitLimits(t *testing.T) {
	imports := func(n int) string {
		b := &builder{imports: rows(n, "\x00\x00\x00\x00")}
		b.typ(0, 0)
		return b.bytes()
	}
	tables := func(sizes ...uint32) string {
		b := &builder{}
		for _, n := range sizes {
			b.tables = append(b.tables, "\x70\x00"+string(binary.AppendUvarint(nil, uint64(n))))
		}
		return b.bytes()
	}
	arity := func(params, results int) string {
		b := &builder{}
		b.typ(params, results)
		return b.bytes()
	}
	memory := func(pages int) string { return (&builder{mems: []string{"\x00" + leb(pages)}}).bytes() }
	for what, c := range map[string]struct {
		in, out string // the largest that is admitted; one more
		want    string // of the reason for out
	}{
		"nesting":          {function(0, 0, nested(5000)), function(0, 0, nested(5001)), "function 0: blocks in one another: got 5001, want at most 5000: split it, or a switch in it"},
		"locals x nesting": {function(0, 100, nested(5000)), function(0, 101, nested(5000)), "function 0: locals times blocks in one another: got 505000, want at most 500000: split it, or compile with optimisation"},
		"loops":            {function(0, 0, loops(100)+loops(100)), function(0, 0, "\x02\x40"+loops(101)+"\x0b"), "function 0: loops in one another: got 101, want at most 100: split it"},
		"block values":     {function(100, 0, strings.Repeat(typed, 100)), function(100, 0, strings.Repeat(typed, 101)), "function 0: parameters and results of blocks: got 10100, want at most 10000: pass them in locals: compile without -mmultivalue"},
		"locals":           {function(0, 2000, ""), function(0, 2001, ""), "function 0: parameters and locals: got 2001, want at most 2000: split it, or compile with optimisation"},
		"parameters":       {function(999, 1001, ""), function(1000, 1001, ""), "function 0: parameters and locals: got 2001, want at most 2000: split it, or compile with optimisation"},
		"locals x blocks":  {function(0, 2000, strings.Repeat("\x02\x40\x0b", 1499)), function(0, 2000, strings.Repeat("\x02\x40\x0b", 1500)), "function 0: locals times blocks: got 3002000, want at most 3000000: split it, or compile with optimisation"},
		"br_table":         {function(0, 0, "\x41\x00\x0e"+leb(10000)+strings.Repeat("\x00", 10001)), function(0, 0, "\x41\x00\x0e"+leb(10001)+strings.Repeat("\x00", 10002)), "function 0: targets of a br_table: got 10001, want at most 10000: use a table of data in place of a switch"},
		"body":             {function(0, 0, bodyOf(1<<20)), function(0, 0, bodyOf(1<<20+1)), "function 0: bytes of code: got 1048577, want at most 1048576: split it"},
		"imports":          {imports(10000), imports(10001), "imports: got 10001, want at most 10000: link less into one module"},
		"table":            {tables(10_000_000), tables(10_000_001), "tables: got 10000001 entries at first in all, want at most 10000000: set a smaller initial size when linking"},
		"tables":           {tables(4_000_000, 6_000_000), tables(math.MaxUint32, math.MaxUint32), "tables: got 8589934590 entries at first in all, want at most 10000000: set a smaller initial size when linking"},
		"arity":            {arity(1000, 0), arity(1001, 0), "type 0: parameters or results: got 1001, want at most 1000: pass a struct in memory"},
		"results":          {arity(0, 1000), arity(0, 1001), "type 0: parameters or results: got 1001, want at most 1000: pass a struct in memory"},
		"memory":           {memory(65535), memory(65536), "memory: got 4294967296 bytes at first, want at most 4294901760: set a smaller initial memory when linking"},
		"memories":         {memory(1), (&builder{mems: rows(2, "\x00\x01")}).bytes(), "uses several memories: the engine has no multi-memory; link with one memory"},
		"types":            {(&builder{types: rows(1_000_000, "\x60\x00\x00")}).bytes(), (&builder{types: rows(1_000_001, "\x60\x00\x00")}).bytes(), "types: got 1000001, want at most 1000000: link less into one module"},
		"globals":          {(&builder{globals: rows(1_000_000, "\x7f\x00\x41\x00\x0b")}).bytes(), (&builder{globals: rows(1_000_001, "\x7f\x00\x41\x00\x0b")}).bytes(), "globals: got 1000001, want at most 1000000: link less into one module"},
		"data":             {(&builder{data: rows(100_000, "\x01\x00")}).bytes(), (&builder{data: rows(100_001, "\x01\x00")}).bytes(), "data segments: got 100001, want at most 100000: link less into one module"},
		"elements":         {(&builder{elems: rows(100_000, "\x01\x00\x00")}).bytes(), (&builder{elems: rows(100_001, "\x01\x00\x00")}).bytes(), "element segments: got 100001, want at most 100000: link less into one module"},
	} {
		require.NoError(t, inspect(t, c.in, nil).Admit(), what)
		r := inspect(t, c.out, nil)
		require.Len(t, r.Refusals, 1, what)
		e := requireError(t, r.Admit(), loader.ErrRefused, `loader: inspect "vec": `+strings.Join(r.Refusals, "; "))
		require.Equal(t, c.want, e.Reason, what)
	}
}

// What functions and exports ask for together.
func TestAdmitTogether(t *testing.T) {
	functions := func(n int) string {
		b := &builder{}
		typ := leb(b.typ(0, 0))
		for range n {
			b.funcs = append(b.funcs, typ)
			b.code = append(b.code, str("\x01"+leb(1000)+"\x7f"+strings.Repeat("\x02\x40\x0b", 999)+"\x0b"))
		}
		return b.bytes()
	}
	require.NoError(t, inspect(t, functions(5), nil).Admit())
	six := functions(6) // a million each
	require.Equal(t, []string{fmt.Sprintf("locals times blocks of all functions: got 6000000, want at most %d for a module of this size: split the largest functions, or compile with optimisation", 5_000_000+2*len(six))},
		inspect(t, six, nil).Refusals)

	exports := func(funcs, exports int) string {
		b := &builder{}
		b.funcs = rows(funcs, leb(b.typ(0, 0)))
		b.code = rows(funcs, "\x02\x00\x0b")
		b.exports = rows(exports, "\x00\x00\x00")
		return b.bytes()
	}
	require.NoError(t, inspect(t, exports(5_000, 10_000), nil).Admit())
	require.Equal(t, []string{"functions times exports and mutable globals: got 50005000, want at most 50000000: export less"}, inspect(t, exports(5_000, 10_001), nil).Refusals)
}

func TestAdmitFeatures(t *testing.T) {
	shared := (&builder{mems: []string{"\x03\x01\x02"}}).bytes()
	throws := function(0, 0, "\xd0\x69\x0a")
	const (
		threads    = "uses threads (atomic instructions or a shared memory): set Options.Threads, or compile without -pthread"
		exceptions = "uses exceptions: set Options.Exceptions, or compile with -fno-exceptions"
	)
	for what, c := range map[string]struct {
		module string
		o      loader.InspectOptions
		want   []string
	}{
		"shared memory":     {shared, loader.InspectOptions{}, []string{threads}},
		"threads are on":    {shared, loader.InspectOptions{Threads: true}, nil},
		"exception":         {throws, loader.InspectOptions{Threads: true}, []string{exceptions}},
		"exceptions on":     {throws, loader.InspectOptions{Exceptions: true}, nil},
		"tail call":         {function(0, 0, "\x12\x00"), loader.InspectOptions{}, nil},
		"vector":            {function(0, 0, "\xfd\x0c"+strings.Repeat("\x00", 16)+"\x1a"), loader.InspectOptions{}, nil},
		"extended constant": {(&builder{globals: []string{"\x7f\x00\x41\x01\x41\x01\x6a\x0b"}}).bytes(), loader.InspectOptions{}, nil},
	} {
		require.Equal(t, c.want, inspect(t, c.module, &c.o).Refusals, what)
	}
}

// The error has eight reasons and says that there are more.
func TestAdmitManyReasons(t *testing.T) {
	b := &builder{types: rows(1_000_001, "\x60\x00\x00"), globals: rows(1_000_001, "\x7f\x00\x41\x00\x0b"), mems: []string{"\x00" + leb(65536)},
		tables: []string{"\x70\x00" + leb(10_000_001)}, data: rows(100_001, "\x01\x00"), elems: rows(100_001, "\x01\x00\x00"), funcs: []string{"\x00"}}
	b.code = []string{str("\x01" + leb(2001) + "\x7f" + nested(5001) + bodyOf(1<<20) + "\x0b")}
	r := inspect(t, b.bytes(), nil)
	require.Len(t, r.Refusals, 11)
	e := requireError(t, r.Admit(), loader.ErrRefused, `loader: inspect "vec": `+strings.Join(r.Refusals[:8], "; ")+"; and 3 more")
	require.Equal(t, "inspect", e.Op)
}

func TestWarnings(t *testing.T) {
	const (
		none     = "no allocator is exported: arrays are put into pages above the memory that the module has at first, and may not be kept by it; export malloc and free"
		noMemory = "no memory: arrays cannot be passed"
	)
	heap := exporting("malloc 1 1", "free 1 0")
	heap.mems = []string{"\x00\x01"}
	for what, c := range map[string]struct {
		module string
		want   []string
	}{
		"nothing":      {empty, []string{noMemory}},
		"no allocator": {(&builder{mems: []string{"\x00\x01"}}).bytes(), []string{none}},
		"all well":     {heap.bytes(), nil},
		"stack": {(&builder{mems: []string{"\x00\x01"}, globals: []string{"\x7f\x01\x41\x80\x10\x0b"}, data: []string{"\x00\x41\x00\x0b\x01x"}}).bytes(),
			[]string{"the stack lies above static data: an overflow overwrites the data and does not trap; link with --stack-first", none}},
		"wait": {(&builder{mems: []string{"\x03\x01\x01"}, types: []string{"\x60\x00\x00"}, funcs: []string{"\x00"}, code: []string{body("\x41\x00\x41\x00\x42\x00\xfe\x01\x02\x00\x1a\x0b")}}).bytes(),
			[]string{"uses memory.atomic.wait: a call may sleep for ever, and no context ends it", none}},
		"minified":   {importing("a a 0 0").export("b 0 0").bytes(), []string{noMemory, "names are minified: give the names that the JavaScript of the module has (wasmffi names GLUE.js)"}},
		"signatures": {heap.bytes() + custom("wasmffi", strings.Repeat("#", loader.MaxSidecarSize+1)), []string{"signatures are not read: section wasmffi: got at least 1048577 bytes of text, want at most 1048576"}},
	} {
		require.Equal(t, c.want, inspect(t, c.module, nil).Warnings, what)
	}
}

// TestInspectHostile holds Inspect to linear time and memory.
func TestInspectHostile(t *testing.T) {
	many := importing()
	many.types = []string{"\x60" + leb(60_000) + strings.Repeat("\x7f", 60_000) + "\x00"}
	many.imports = rows(100_000, "\x00\x00\x00\x00")
	bindgen := &builder{types: []string{"\x60\x00\x00"}, funcs: []string{"\x00"}, code: []string{body(bodyOf(1<<20) + "\x0b")}}
	for i := range 100_000 {
		bindgen.exports = append(bindgen.exports, str("__wbindgen_export"+string(rune('0'+i%10))+strings.Repeat("0", i%7))+"\x00\x00")
	}
	for what, module := range map[string]string{"imports of a long type": many.bytes(), "exports": bindgen.bytes()} {
		start := time.Now()
		r := inspect(t, module, nil)
		require.Less(t, time.Since(start), 10*time.Second, what)
		require.LessOrEqual(t, len(r.Imports), loader.MaxImports)
		for _, im := range r.Imports {
			require.Less(t, len(im.Type), 1000)
		}
	}
}
