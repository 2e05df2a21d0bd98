package loader_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
)

func TestParseNamesText(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"\n  \n# a comment\r\n":     "",
		"malloc = s":                "malloc = s\n",
		"a.e -> exit\nmalloc = s\n": "malloc = s\na.e -> exit\n",
		"f = a\nf = b\n":            "f = b\n",
		"  free = t \r\n":           "free = t\n",
		`"a b" = "\x00"` + "\n":     "\"a b\" = \"\\x00\"\n",
		`"" = ""`:                   "\"\" = \"\"\n",
		"./x.js.f -> \"\\\"\"":      "./x.js.f -> \"\\\"\"\n",
		"über = ß":                  "über = ß\n",
		"= = =":                     "= = =\n",
		`"#x" = y`:                  "\"#x\" = y\n",
		"f = \"g\"":                 "f = g\n",
	} {
		n, err := loader.ParseNames([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, n.String(), text)
		again, err := loader.ParseNames([]byte(n.String()))
		require.NoError(t, err)
		require.Equal(t, n, again)
	}
	require.Empty(t, (*loader.Names)(nil).String())
}

func TestParseNamesErrors(t *testing.T) {
	const want = `loader: names "text": got neither the JavaScript that emscripten writes nor lines such as malloc = s and a.e -> exit: line `
	for text, line := range map[string]string{
		"malloc":              "1",
		"malloc = s t":        "1",
		"\nmalloc  = s":       "2",
		"f = s\na.e => exit":  "2",
		`f = "s`:              "1",
		`"f"x = s`:            "1",
		"f = s\xff":           "1",
		"var x = 1;\nf(x.y);": "1",
		"x.y = a.b":           "", // a property of that name is one
	} {
		_, err := loader.ParseNames([]byte(text))
		if line == "" {
			require.NoError(t, err, text)
			continue
		}
		requireError(t, err, loader.ErrFormat, want+line+" is neither")
	}
	_, err := loader.ParseNames(make([]byte, loader.MaxNamesSize+1))
	requireError(t, err, loader.ErrRefused, `loader: names "text": text: got 16777217 bytes, want at most 16777216`)
}

// Glue of the generations that there were. The functions are made up, the forms are not.
func TestParseNamesGlue(t *testing.T) {
	const want = "__wasm_call_ctors = c\nfree = e\nmalloc = d\nsum_up = f\na.a -> exit\na.b -> __cxa_throw\n"
	for what, c := range map[string]struct{ js, want string }{
		"arrow functions": {`var info={"a":wasmImports};function init(){wasmExports["c"]()}
			var wasmImports={b:___cxa_throw,a:_exit};
			var _malloc=Module["_malloc"]=a0=>(_malloc=Module["_malloc"]=wasmExports["d"])(a0);
			var _free=Module["_free"]=a0=>(_free=Module["_free"]=wasmExports["e"])(a0);var _sum_up=Module["_sum_up"]=(a0,a1)=>(_sum_up=wasmExports["f"])(a0,a1)`, want},
		"pretty-printed": {`function getWasmImports() {
    return { a: wasmImports };
}
addOnInit(wasmExports['c']);
var wasmImports = {
    /** @export */
    b: ___cxa_throw,
    /** @export */
    a: _exit,
};
var _malloc = (Module['_malloc'] = (a0) => (_malloc = Module['_malloc'] = wasmExports['d'])(a0));
var _free = (Module['_free'] = (a0) => (_free = Module['_free'] = wasmExports['e'])(a0));
var _sum_up = (Module['_sum_up'] = (a0) => (_sum_up = Module['_sum_up'] = wasmExports['f'])(a0));`, want},
		"assigned in a function": {`function assignWasmExports(wasmExports){_malloc=Module["_malloc"]=wasmExports["d"];_free=Module["_free"]=wasmExports["e"];Module["_sum_up"]=wasmExports["f"]}
			var wasmImports={a:_exit,b:___cxa_throw};var imports={a:wasmImports};function initRuntime(){runtimeInitialized=true;wasmExports["c"]();FS.init()}`, want},
		"closures": {`var asmLibraryArg={"a":_exit,"b":___cxa_throw};var info={"a":asmLibraryArg};
			var ___wasm_call_ctors=Module["___wasm_call_ctors"]=function(){return(___wasm_call_ctors=Module["___wasm_call_ctors"]=Module["asm"]["c"]).apply(null,arguments)};
			var _malloc=Module["_malloc"]=function(){return(_malloc=Module["_malloc"]=Module["asm"]["d"]).apply(null,arguments)};
			var _free=Module["_free"]=function(){return(_free=Module["_free"]=Module["asm"]["e"]).apply(null,arguments)};
			var _sum_up=Module["_sum_up"]=function(){return(_sum_up=Module["_sum_up"]=Module["asm"]["f"]).apply(null,arguments)};`, want},
		"object asm": {`var asmLibraryArg={"a":_exit,"b":___cxa_throw};var info={'a':asmLibraryArg};var asm=createWasm();
			var ___wasm_call_ctors=asm["c"];var _malloc=Module["_malloc"]=asm["d"];var _free=Module["_free"]=asm["e"];Module["_sum_up"]=asm["f"];`, want},
		"renamed by a minifier": {`var t={a:r};e=n.exports,o.unshift(n.c);var r={b:___cxa_throw,a:_exit};
			i._malloc=function(){return(i._malloc=i.asm.d).apply(null,arguments)},i._free=function(){return(i._free=i.asm.e).apply(null,arguments)},s=i._sum_up=i.asm.f,i.asm.c()`, want},
		"renamed, names of imports lost": {`function a(c){c=g=c.exports;k._malloc=c.d;q=k._free=c.e;k._sum_up=c.f;c.c()}var b={a:ed},ed={a:(a,b)=>{},b:Oa}`,
			"__wasm_call_ctors = c\nfree = e\nmalloc = d\nsum_up = f\n"},
		"under two modules": {`var asmLibraryArg={c:_exit};var info={env:asmLibraryArg,wasi_snapshot_preview1:asmLibraryArg};`, "env.c -> exit\nwasi_snapshot_preview1.c -> exit\n"},
		"a literal within":  {`var info={a:{c:_exit,d:invoke_vii,e:abort}};`, "a.c -> exit\na.d -> invoke_vii\na.e -> abort\n"},
		"no literal around": {`wasmImports={c:_exit,d:wasmMemory}`, "a.c -> exit\na.d -> memory\n"},
		"nothing minified":  {`var _malloc=wasmExports["malloc"];var ___wasm_call_ctors=wasmExports["__wasm_call_ctors"];wasmImports={exit:_exit}`, ""},
		"plain names":       {`var stackSave=wasmExports["s"],dynCall_vi=wasmExports["t"],_main=wasmExports["u"];wasmTable=wasmExports["v"]`, "__indirect_function_table = v\ndynCall_vi = t\nmain = u\nstackSave = s\n"},
		"calls and sums":    {`_main=wasmExports["u"];_foo=wasmExports["a"]();_bar=wasmExports["b"]+1;_baz==wasmExports["c"];_four=>wasmExports["d"];_five+=wasmExports["e"]`, "__wasm_call_ctors = a\nmain = u\n"},
		"the first counts":  {`_main=wasmExports["u"];_main=wasmExports["v"]`, "main = u\n"},
		"other objects":     {`_main=wasmExports["u"];_run=wasmExports["v"];this._x=this.y;_area=a.b`, "main = u\nrun = v\n"},
	} {
		n, err := loader.ParseNames([]byte(c.js))
		require.NoError(t, err, what)
		require.Equal(t, c.want, n.String(), what)
	}
}

// TestParseNamesHostile holds the reading of JavaScript to linear time.
func TestParseNamesHostile(t *testing.T) {
	const size = loader.MaxNamesSize / 4
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for what, js := range map[string]string{
		"equal signs":         fill("="),
		"a chain":             fill("_a="),
		"assignments":         fill("_abc=b.c;"),
		"many objects":        fill("_abc=b.c.d.e;"),
		"words":               fill("a"),
		"paths":               fill("a.b."),
		"braces":              fill("{"),
		"literals":            fill("x={a:_bb,"),
		"one literal":         "x={" + fill("a:_bb,")[4:],
		"literals of one":     fill("x={a:x};y={b:_cc};"),
		"one of many":         "x={" + fill("a:_bb,")[:size/2] + "};y={" + fill("a:x,")[:size/2-20],
		"comments":            fill("{/*{/*"),
		"space":               fill("{ "),
		"space after =":       fill("=    "),
		"calls":               fill("a.b()"),
		"brackets":            fill(`a["`),
		"lines":               fill("a = b\n"),
		"lines, one is wrong": fill("a = b\n")[:size-9] + "\n=\n",
	} {
		start := time.Now()
		_, _ = loader.ParseNames([]byte(js))
		require.Less(t, time.Since(start), 20*time.Second, what)
	}
}

// FuzzParseNames reads what it has read again from its text.
func FuzzParseNames(f *testing.F) {
	for _, js := range []string{"malloc = s\na.e -> exit", `var wasmImports={a:_exit};var info={"a":wasmImports};_malloc=wasmExports["d"];wasmExports["c"]()`,
		`"\x00" = ""`, "x={", "_a=b['c", "a(b.c)", "={/*", `_f=(((((g.h`} {
		f.Add([]byte(js))
	}
	f.Fuzz(func(t *testing.T, js []byte) {
		n, err := loader.ParseNames(js)
		if err != nil {
			require.IsType(t, (*loader.Error)(nil), err)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := loader.ParseNames([]byte(n.String()))
		require.NoError(t, err)
		require.Equal(t, n, again)
	})
}

// FuzzInspect inspects what need not be a module.
func FuzzInspect(f *testing.F) {
	for _, m := range []string{several(), empty, exporting("__new 2 1", "__pin 1 1").bytes(), importing("a a 0 0").export("g 0 0").bytes()} {
		f.Add([]byte(m), "malloc = s\na.a -> exit")
	}
	f.Fuzz(func(t *testing.T, module []byte, names string) {
		n, _ := loader.ParseNames([]byte(names))
		r, err := loader.Inspect(&loader.Binary{Name: "vec", Bytes: module}, &loader.InspectOptions{Names: n})
		if err != nil {
			require.IsType(t, (*loader.Error)(nil), err)
			return
		}
		require.NotNil(t, r.Module())
		exports := map[string]bool{"": true}
		for _, x := range r.Module().Exports {
			exports[x.Name] = true
		}
		for _, name := range []string{r.Constructor, r.Allocator.Alloc, r.Allocator.Free, r.Allocator.Pin, r.Allocator.Unpin, r.Allocator.Collect} {
			require.True(t, exports[name], "%q", name)
		}
		require.Equal(t, len(r.Refusals) == 0, r.Admit() == nil)
	})
}
