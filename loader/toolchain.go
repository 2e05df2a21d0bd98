package loader

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/wasmffi/go/loader/wasmbin"
)

// Toolchain is what made a module.
type Toolchain string

// The toolchains that are told apart.
const (
	EmscriptenMinified Toolchain = "emscripten (minified names)"
	Emscripten         Toolchain = "emscripten"
	NapiRS             Toolchain = "napi-rs"
	WasmBindgen        Toolchain = "wasm-bindgen"
	AssemblyScript     Toolchain = "AssemblyScript"
	TinyGo             Toolchain = "TinyGo"
	Go                 Toolchain = "Go"
	Rust               Toolchain = "Rust"
	Clang              Toolchain = "clang"
	UnknownToolchain   Toolchain = "unknown"
)

// mostProducers is how many entries of producers sections are reported.
const mostProducers = 64

// producers reads the custom sections of that name: fields, each with a number of names and versions. What is not
// well formed ends the list.
func producers(m *wasmbin.Module) []Producer {
	var all []Producer
	for _, c := range m.Customs {
		if c.Name != "producers" {
			continue
		}
		rest := c.Data
		for fields := number(&rest); fields > 0; fields-- {
			field, ok := text(&rest)
			if !ok {
				break
			}
			for values := number(&rest); values > 0; values-- {
				name, ok := text(&rest)
				version, ok2 := text(&rest)
				if !ok || !ok2 || len(all) == mostProducers {
					return all
				}
				all = append(all, Producer{field, name, version})
			}
		}
	}
	return all
}

// number takes a LEB128 number of 32 bits off b, 0 where there is none.
func number(b *[]byte) uint64 {
	n, size := binary.Uvarint((*b)[:min(len(*b), 5)])
	if size <= 0 || n > math.MaxUint32 {
		*b = nil
		return 0
	}
	*b = (*b)[size:]
	return n
}

// text takes a length and as many bytes of UTF-8 off b.
func text(b *[]byte) (string, bool) {
	s, rest, problem := sized(*b)
	*b = rest
	return string(s), problem == "" && utf8.Valid(s)
}

// toolchain guesses from what a module exports and imports, and then from what it says of itself: a toolchain that links
// what another one compiled is meant.
func (i *inspection) toolchain(by []Producer) Toolchain {
	made := func(name string) bool {
		for _, p := range by {
			if strings.Contains(strings.ToLower(p.Name), name) {
				return true
			}
		}
		return false
	}
	looks := i.looks()
	for _, t := range []struct {
		is   bool
		made Toolchain
	}{
		{looks.napi, NapiRS},
		{looks.bindgen || made("wasm-bindgen"), WasmBindgen},
		{looks.minified, EmscriptenMinified},
		{looks.emscripten || made("emscripten"), Emscripten},
		{looks.assembly || made("assemblyscript"), AssemblyScript},
		{looks.tinygo || made("tinygo"), TinyGo},
		{looks.golang, Go},
		{made("rust"), Rust},
		{made("clang"), Clang},
	} {
		if t.is {
			return t.made
		}
	}
	return UnknownToolchain
}

// looks are the marks that toolchains leave in names.
type looks struct{ napi, bindgen, minified, emscripten, assembly, tinygo, golang bool }

func (i *inspection) looks() looks {
	var l looks
	funcs, short := 0, 0
	for _, x := range i.m.Exports {
		if x.Kind != wasmbin.KindFunc {
			continue
		}
		funcs++
		if len(x.Name) <= 2 {
			short++
		}
		switch n := x.Name; {
		case strings.HasPrefix(n, "napi_register_"):
			l.napi = true
		case strings.HasPrefix(n, "__wbindgen_"):
			l.bindgen = true
		case strings.HasPrefix(n, "emscripten_stack_"), strings.HasPrefix(n, "_emscripten_stack_"), strings.HasPrefix(n, "dynCall_"):
			l.emscripten = true
		case strings.HasPrefix(n, "tinygo_"):
			l.tinygo = true
		}
	}
	_, old := i.exports["__alloc"]
	_, retain := i.exports["__retain"]
	_, pin := i.exports["__pin"]
	l.assembly = i.has("__new", 2, 1) && pin || old && retain
	imports, single := 0, 0
	for _, im := range i.m.Imports {
		imports++
		if im.Module == "a" && len(im.Name) <= 3 {
			single++
		}
		switch {
		case isBindgen(im.Module, im.Name):
			l.bindgen = true
		case im.Module == "gojs", im.Module == "go":
			l.golang = true
		case im.Module == "env" && isEmscripten(im.Name):
			l.emscripten = true
		case im.Module == "env" && im.Name == "abort" && im.Kind == wasmbin.KindFunc && isInts(i.m.Types[im.Type], 4, 0):
			l.assembly = true
		}
	}
	// Emscripten shortens the names of imports and exports together; its imports then come from "a". A module that imports
	// nothing shows it by its exports alone: of hand-made modules few have as many of two letters.
	const few = 5
	switch {
	case single > 0 && single == imports && 2*short > funcs:
		l.minified = true
	case imports == 0 && funcs >= few && 10*short >= 9*funcs:
		l.minified = true
	}
	return l
}
