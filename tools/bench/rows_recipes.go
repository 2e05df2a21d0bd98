package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/wasmffi"
)

// recipe is a library of other people's making, and a call of it.
type recipe struct {
	file   string // without .wasm
	script string // the JavaScript with its C names; empty: it has them
	export string // the function that the call is of
	params string // its signature without the name; decl goes before it
	decl   string
	what   string
	args   func(lib *wasmffi.Library, name func(string) string) []any
	bare   bool // whether it runs in the engine alone, with imports that return 0
}

const (
	setupDecl     = "type Setup = opaque free(pffft_destroy_setup); "
	compressSig   = "(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size, level: i32) -> size"
	decompressSig = "(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size) -> size"
)

// recipeList is what the tests of package wasmffi call, too.
func recipeList() []recipe {
	text := bytes.Repeat([]byte("array data, "), 1<<20/12)
	x := make([]float64, 10_000)
	for i := range x {
		x[i] = 1 + float64(i%64)/64
	}
	return []recipe{
		{file: "daxpy", export: "c_daxpy", what: "BLAS daxpy of 10,000", args: unnamed(inGuest(0.5, x, x)),
			params: "(n: i32, alpha: f64, x: f64[n], sx: i32 = 1, y: inout f64[n], sy: i32 = 1)"},
		{file: "ddot", export: "c_ddot", what: "BLAS ddot of 10,000", args: unnamed(inGuest(x, x)),
			params: "(n: i32, x: f64[n], sx: i32 = 1, y: f64[n], sy: i32 = 1) -> f64"},
		{file: "xxhash", export: "xxh64", what: "xxh64 of 64 KiB", bare: true, args: unnamed(inGuest(make([]uint8, 1<<16), 0)),
			params: "(x: u8[n], n: size, seed: u64) -> u64"},
		{file: "zstd", script: "zstd.js", export: "ZSTD_compress", what: "zstd, 1 MiB of text compressed", args: unnamed(inGuest(make([]uint8, 1<<20), text, 3)),
			params: compressSig},
		{file: "pffft", script: "pffft.js", export: "pffft_transform_ordered", what: "FFT of 1,024 complex numbers", bare: true, args: fftArgs,
			decl: setupDecl, params: "(s: Setup, x: c64[n] align(16), y: out c64[n] align(16), work: out c64[n] align(16), dir: i32)"},
	}
}

// unnamed are arguments that no function of the library makes.
func unnamed(args func(*wasmffi.Library) []any) func(*wasmffi.Library, func(string) string) []any {
	return func(lib *wasmffi.Library, _ func(string) string) []any { return args(lib) }
}

func fftArgs(lib *wasmffi.Library, name func(string) string) []any {
	const n = 1024
	newSetup := must(lib.Func(name(setupDecl + "pffft_new_setup(n: i32, kind: i32) -> Setup")))
	setup := must(newSetup.Call(ctx, n, 1)).Handle()
	x := make([]complex64, n)
	for i := range x {
		x[i] = complex(float32(i%7), float32(i%5))
	}
	return append([]any{setup}, inGuest(x, x, x, 0)(lib)...)
}

// minified are signatures by the names that the module itself has.
func minified(names *loader.Names) func(string) string {
	return func(sig string) string {
		for name, short := range names.Exports {
			if name == "free" { // a word of the language
				continue
			}
			sig = regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).ReplaceAllLiteralString(sig, short)
		}
		return sig
	}
}

// recipeGroups are of libraries of other people's making, which lie in a folder that tools/recipes has filled.
func recipeGroups() (list []group) {
	for _, r := range recipeList() {
		list = append(list, group{name: "meter-" + r.file, title: "what it costs that a call can be stopped: " + r.what, rows: r.rows})
	}
	return list
}

func (r recipe) rows(e *env) ([]row, func(), error) {
	if e.recipes == "" {
		return nil, nil, skipped("no libraries: fetch them with `go run ./tools/recipes DIR`, and give -recipes DIR")
	}
	code, err := os.ReadFile(filepath.Join(e.recipes, r.file+".wasm"))
	if err != nil {
		return nil, nil, err
	}
	sig, as := r.decl+r.export+r.params, func(sig string) string { return sig }
	s := subject{code: code, sig: sig, limits: libraryLimits, args: func(lib *wasmffi.Library) []any { return r.args(lib, as) }}
	if r.script != "" {
		text, err := os.ReadFile(filepath.Join(e.recipes, r.script))
		if err != nil {
			return nil, nil, err
		}
		if s.options.Names, err = loader.ParseNames(text); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.script, err)
		}
	}
	if !r.bare {
		return s.rows(e)
	}
	own := as
	if names := s.options.Names; names != nil {
		own, s.constructor = minified(names), names.Exports["__wasm_call_ctors"]
	}
	s.raw = own(sig)
	s.rawArgs = func(lib *wasmffi.Library) []any { return r.args(lib, own) }
	return s.rows(e)
}
