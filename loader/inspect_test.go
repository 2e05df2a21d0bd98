package loader_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
)

// several has one of everything that a report speaks of.
func several() string {
	b := importing("env emscripten_resize_heap 1 1", "wasi_snapshot_preview1 fd_close 1 1", "other f 0 0")
	b.imports = append(b.imports,
		str("env")+str("memory")+"\x02\x01\x01\x10",
		str("env")+str("table")+"\x01\x70\x00\x05",
		str("env")+str("g")+"\x03\x7f\x01")
	b.tables = []string{"\x6f\x01\x02\x03"}
	b.globals = []string{"\x7f\x01\x41\x80\x08\x0b"}
	b.export("malloc 1 1", "free 1 0", "_initialize 0 0")
	b.exports = append(b.exports, str("mem")+"\x02\x00", str("tab")+"\x01\x01", str("__stack_pointer")+"\x03\x01")
	b.start = true
	b.funcs = append(b.funcs, leb(b.typ(0, 0)))
	b.code = append(b.code, body("\xfc\x00\x0b")) // nothing valid; replaced below
	b.code[len(b.code)-1] = body("\x43\x00\x00\x00\x00\xfc\x00\x1a\x0b")
	b.data = []string{"\x00\x41\x80\x08\x0b\x02hi"}
	b.customs = []string{custom("producers", "\x02"+str("language")+"\x01"+str("C11")+str("")+str("processed-by")+"\x01"+str("clang")+str("19.1")),
		custom("wasmffi", "malloc(n: size) -> ptr\n")}
	b.start = false
	return b.bytes()
}

func TestInspect(t *testing.T) {
	r := inspect(t, several(), &loader.InspectOptions{Names: &loader.Names{Imports: map[string]string{"other.f": "exit"}}})
	r.Digest, r.Size = "...", 0
	text, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(severalReport), string(text))
	require.NoError(t, r.Admit())
	require.Len(t, r.Module().Imports, 6)

	var again loader.Report
	require.NoError(t, json.Unmarshal(text, &again))
	require.Nil(t, again.Module())
	require.Equal(t, r.Imports, again.Imports)
}

const severalReport = `
{
 "name": "vec",
 "size": 0,
 "sha256": "...",
 "toolchain": "emscripten",
 "producers": [
  {
   "field": "language",
   "name": "C11"
  },
  {
   "field": "processed-by",
   "name": "clang",
   "version": "19.1"
  }
 ],
 "features": [
  "mutable-globals",
  "nontrapping-fptoint",
  "reference-types"
 ],
 "atomic_waits": false,
 "memory": {
  "imported_from": {
   "module": "env",
   "name": "memory"
  },
  "min": 65536,
  "max": 1048576,
  "shared": false,
  "exports": [
   "mem"
  ]
 },
 "tables": [
  {
   "imported_from": {
    "module": "env",
    "name": "table"
   },
   "type": "funcref",
   "min": 5,
   "max": 4294967295,
   "exports": []
  },
  {
   "type": "externref",
   "min": 2,
   "max": 3,
   "exports": [
    "tab"
   ]
  }
 ],
 "imports": [
  {
   "module": "env",
   "name": "emscripten_resize_heap",
   "kind": "func",
   "type": "(i32) -\u003e i32",
   "family": "emscripten"
  },
  {
   "module": "wasi_snapshot_preview1",
   "name": "fd_close",
   "kind": "func",
   "type": "(i32) -\u003e i32",
   "family": "wasi"
  },
  {
   "module": "other",
   "name": "f",
   "kind": "func",
   "type": "()",
   "family": "unknown",
   "meaning": "exit"
  },
  {
   "module": "env",
   "name": "memory",
   "kind": "memory",
   "type": "1 to 16 pages",
   "family": "memory/table/global"
  },
  {
   "module": "env",
   "name": "table",
   "kind": "table",
   "type": "funcref 5 or more",
   "family": "memory/table/global"
  },
  {
   "module": "env",
   "name": "g",
   "kind": "global",
   "type": "mut i32",
   "family": "memory/table/global"
  }
 ],
 "exports": 6,
 "functions": 4,
 "globals": 1,
 "data_bytes": 2,
 "start": false,
 "constructor": "_initialize",
 "allocator": {
  "kind": "malloc",
  "alloc": "malloc",
  "free": "free"
 },
 "stack_first": "yes",
 "signatures": "section wasmffi"
}
`

func TestInspectErrors(t *testing.T) {
	for what, c := range map[string]struct {
		module string
		kind   error
		text   string
	}{
		"cut short":     {empty + "\x01", loader.ErrFormat, `loader: inspect "vec": type section: offset 0x9: size: cut short`},
		"index of type": {empty + section(3, "\x01\x05") + section(10, "\x01\x02\x00\x0b"), loader.ErrFormat, ""},
		"opcode":        {empty + section(1, "\x01\x60\x00\x00") + section(3, "\x01\x00") + section(10, "\x01\x03\x00\xff\x0b"), loader.ErrFormat, ""},
		"memory64":      {empty + section(5, "\x01\x04\x01"), loader.ErrRefused, ""},
	} {
		r, err := loader.Inspect(load(t, c.module), nil)
		require.Nil(t, r, what)
		e := (*loader.Error)(nil)
		require.ErrorAs(t, err, &e, what)
		require.ErrorIs(t, err, c.kind, "%s: %v", what, err)
		require.Equal(t, "inspect", e.Op)
		if c.text != "" {
			require.EqualError(t, err, c.text)
		}
		var inner *wasmbin.Error
		require.True(t, errors.As(err, &inner), what)
	}
}

func TestAllocator(t *testing.T) {
	names := &loader.Names{Exports: map[string]string{"malloc": "s", "free": "t", "sbrk": "u"}}
	for exports, want := range map[string]loader.Allocator{
		"":                                {Kind: "none"},
		"malloc 1 1":                      {Kind: "none"},
		"malloc 1 1,free 1 1":             {Kind: "none"},
		"malloc 2 1,free 1 0":             {Kind: "none"},
		"malloc 1 1,free 1 0":             {Kind: "malloc", Alloc: "malloc", Free: "free"},
		"_malloc 1 1,_free 1 0":           {Kind: "malloc", Alloc: "_malloc", Free: "_free"},
		"malloc 1 1,_free 1 0":            {Kind: "none"},
		"s 1 1,t 1 0":                     {Kind: "malloc", Alloc: "s", Free: "t"},
		"s 1 1,t 1 0,malloc 1 1,free 1 0": {Kind: "malloc", Alloc: "malloc", Free: "free"},
		"__wbindgen_malloc 2 1,__wbindgen_free 3 0":                                                                          {Kind: "bindgen-aligned", Alloc: "__wbindgen_malloc", Free: "__wbindgen_free"},
		"__wbindgen_malloc 1 1,__wbindgen_free 2 0":                                                                          {Kind: "bindgen", Alloc: "__wbindgen_malloc", Free: "__wbindgen_free"},
		"__wbindgen_malloc 1 1,__wbindgen_free 3 0":                                                                          {Kind: "none"},
		"__wbindgen_export_2 3 0,__wbindgen_export_1 4 1,__wbindgen_export_0 2 1":                                            {Kind: "bindgen-aligned", Alloc: "__wbindgen_export_0", Free: "__wbindgen_export_2"},
		"__wbindgen_export 2 1,__wbindgen_export2 4 1,__wbindgen_export3 1 0,__wbindgen_export4 3 0,__wbindgen_export10 3 0": {Kind: "bindgen-aligned", Alloc: "__wbindgen_export", Free: "__wbindgen_export4"},
		"__wbindgen_export_0 2 1,__wbindgen_export_1 3 0":                                                                    {Kind: "none"},
		"__wbindgen_export_0 2 1,__wbindgen_export_1 4 1,__wbindgen_export_x 3 0":                                            {Kind: "none"},
		"__new 2 1,__pin 1 1,__unpin 1 0":                                                                                    {Kind: "assemblyscript", Alloc: "__new", Pin: "__pin", Unpin: "__unpin"},
		"__new 2 1,__pin 1 1,__unpin 1 0,__collect 0 0":                                                                      {Kind: "assemblyscript", Alloc: "__new", Pin: "__pin", Unpin: "__unpin", Collect: "__collect"},
		"__new 2 1":                              {Kind: "none"},
		"__alloc 2 1,__retain 1 1,__release 1 0": {Kind: "assemblyscript-arc", Alloc: "__alloc", Pin: "__retain", Unpin: "__release"},
		"sbrk 1 1":                               {Kind: "sbrk", Alloc: "sbrk"},
		"_sbrk 1 1":                              {Kind: "sbrk", Alloc: "_sbrk"},
		"u 1 1":                                  {Kind: "sbrk", Alloc: "u"},
	} {
		b := new(builder)
		if exports != "" {
			b.export(strings.Split(exports, ",")...)
		}
		require.Equal(t, want, inspect(t, b.bytes(), &loader.InspectOptions{Names: names}).Allocator, exports)
	}

	// A function that calls a closure has the type of free, and is none.
	b := exporting("__wbindgen_export_0 2 1", "__wbindgen_export_1 4 1", "__wbindgen_export_2 3 0", "__wbindgen_export_3 3 0")
	b.tables = []string{"\x70\x00\x01"}
	b.code[2] = body("\x41\x00\x11" + leb(b.typ(0, 0)) + "\x00\x0b")
	require.Equal(t, "__wbindgen_export_3", inspect(t, b.bytes(), nil).Allocator.Free)

	// An export that is no function is none, whatever its name.
	b = exporting("free 1 0")
	b.globals = []string{"\x7f\x00\x41\x00\x0b"}
	b.exports = append(b.exports, str("malloc")+"\x03\x00")
	require.Equal(t, loader.AllocNone, inspect(t, b.bytes(), nil).Allocator.Kind)
}

func TestConstructor(t *testing.T) {
	names := &loader.Names{Exports: map[string]string{"__wasm_call_ctors": "g", "malloc": "h"}}
	for what, c := range map[string]struct {
		b     *builder
		names *loader.Names
		want  string
	}{
		"none":                         {exporting("f 0 0"), nil, ""},
		"reactor":                      {exporting("__wasm_call_ctors 0 0", "_initialize 0 0"), nil, "_initialize"},
		"no reactor":                   {exporting("__wasm_call_ctors 0 0", "_initialize 1 0"), nil, "__wasm_call_ctors"},
		"mapped":                       {exporting("f 0 0", "g 0 0"), names, "g"},
		"mapped to another type":       {exporting("f 0 0", "g 0 1"), names, ""},
		"mapped to nothing":            {exporting("f 0 0"), names, ""},
		"minified":                     {importing("a a 0 0").export("g 0 0", "h 0 0"), nil, "g"},
		"minified, not of that type":   {importing("a a 0 0").export("g 1 0", "h 0 0"), nil, ""},
		"minified, of another meaning": {importing("a a 0 0").export("h 0 0", "i 0 0"), names, ""},
	} {
		require.Equal(t, c.want, inspect(t, c.b.bytes(), &loader.InspectOptions{Names: c.names}).Constructor, what)
	}
}

func TestToolchain(t *testing.T) {
	made := func(tool string) *builder {
		return &builder{customs: []string{custom("producers", "\x01"+str("processed-by")+"\x01"+str(tool)+str("1"))}}
	}
	for what, c := range map[string]struct {
		b    *builder
		want loader.Toolchain
	}{
		"nothing":               {&builder{}, loader.UnknownToolchain},
		"clang":                 {made("clang"), loader.Clang},
		"rustc":                 {made("rustc"), loader.Rust},
		"Rust":                  {made("Rust"), loader.Rust},
		"TinyGo":                {made("TinyGo"), loader.TinyGo},
		"wasm-bindgen":          {made("wasm-bindgen"), loader.WasmBindgen},
		"bindgen import":        {importing("wbg __wbindgen_throw 2 0"), loader.WasmBindgen},
		"bindgen export":        {exporting("__wbindgen_malloc 2 1"), loader.WasmBindgen},
		"emscripten import":     {importing("env emscripten_resize_heap 1 1"), loader.Emscripten},
		"emscripten export":     {exporting("emscripten_stack_get_current 0 1"), loader.Emscripten},
		"minified":              {importing("a a 1 1", "a b 1 1").export("c 0 0", "d 0 0"), loader.EmscriptenMinified},
		"minified, no imports":  {exporting("a 0 0", "b 0 0", "c 0 0", "d 0 0", "e 0 0"), loader.EmscriptenMinified},
		"two short names":       {exporting("a 0 0", "b 0 0"), loader.UnknownToolchain},
		"long names":            {importing("a a 1 1").export("first 0 0", "second 0 0"), loader.UnknownToolchain},
		"AssemblyScript import": {importing("env abort 4 0"), loader.AssemblyScript},
		"AssemblyScript export": {exporting("__new 2 1", "__pin 1 1"), loader.AssemblyScript},
		"C's abort":             {importing("env abort 0 0"), loader.UnknownToolchain},
		"Go":                    {importing("gojs runtime.wasmExit 1 0"), loader.Go},
		"napi-rs":               {exporting("napi_register_module_v1 2 1"), loader.NapiRS},
		"cut short":             {&builder{customs: []string{custom("producers", "\x05"+str("sdk"))}}, loader.UnknownToolchain},
		"many":                  {&builder{customs: []string{custom("producers", "\xff\xff\xff\xff\x0f"+str("sdk")+"\xff\xff\xff\xff\x0f"+strings.Repeat("\x01a\x00", 100))}}, loader.UnknownToolchain},
		"not UTF-8":             {&builder{customs: []string{custom("producers", "\x01"+str("sdk")+"\x01"+str("\xff")+str(""))}}, loader.UnknownToolchain},
	} {
		r := inspect(t, c.b.bytes(), nil)
		require.Equal(t, c.want, r.Toolchain, what)
		require.LessOrEqual(t, len(r.Producers), 64)
	}
}

func TestStackFirst(t *testing.T) {
	const sp = "\x7f\x01\x41\x80\x10\x0b" // 2048
	global := func(v string) string { return "\x7f\x00\x41" + v + "\x0b" }
	at := func(v string) string { return "\x00\x41" + v + "\x0b\x01x" }
	for what, c := range map[string]struct {
		globals, exports, data []string
		want                   loader.Answer
	}{
		"nothing":                 {nil, nil, nil, loader.Unknown},
		"no data":                 {[]string{sp}, nil, nil, loader.Unknown},
		"above":                   {[]string{sp}, nil, []string{at("\x80\x10")}, loader.Yes},
		"below":                   {[]string{sp}, nil, []string{at("\x80\x10"), at("\x80\x08")}, loader.No},
		"empty segment below":     {[]string{sp}, nil, []string{at("\x80\x10"), "\x00\x41\x00\x0b\x00"}, loader.Yes},
		"passive":                 {[]string{sp}, nil, []string{"\x01\x01x"}, loader.Unknown},
		"high address":            {[]string{sp}, nil, []string{at("\x7f")}, loader.Yes},
		"immutable":               {[]string{global("\x80\x10")}, nil, []string{at("\x00")}, loader.Unknown},
		"small":                   {[]string{"\x7f\x01\x41\x10\x0b"}, nil, []string{at("\x00")}, loader.Unknown},
		"odd":                     {[]string{"\x7f\x01\x41\x81\x10\x0b"}, nil, []string{at("\x00")}, loader.Unknown},
		"by name":                 {[]string{global("\x00"), sp}, []string{str("__stack_pointer") + "\x03\x01"}, []string{at("\x80\x10")}, loader.Yes},
		"data end below":          {[]string{sp, global("\x80\x08")}, []string{str("__data_end") + "\x03\x01"}, nil, loader.No},
		"data end above":          {[]string{sp, global("\x80\x20")}, []string{str("__data_end") + "\x03\x01"}, []string{at("\x80\x10")}, loader.Yes},
		"extended constant":       {[]string{"\x7f\x01\x41\x80\x10\x41\x00\x6a\x0b"}, nil, []string{at("\x00")}, loader.Unknown},
		"name of a function only": {nil, []string{str("__stack_pointer") + "\x02\x00"}, []string{at("\x00")}, loader.Unknown},
	} {
		b := &builder{mems: []string{"\x00\x01"}, globals: c.globals, exports: c.exports, data: c.data}
		require.Equal(t, c.want, inspect(t, b.bytes(), nil).StackFirst, what)
	}
}
