package loader_test

import (
	"encoding/json"
	"fmt"

	"github.com/wasmffi/go/loader"
)

// zlibWasm stands for a module whose names emscripten has minified.
var zlibWasm = []byte(importing("a a 1 1", "a b 1 0").export("c 0 0", "d 1 1", "e 1 0", "f 2 1").bytes())

// zlibJS stands for the JavaScript that belongs to it.
const zlibJS = `var wasmImports={b:_exit,a:_emscripten_resize_heap};function getWasmImports(){return{a:wasmImports}}
wasmExports["c"]();var _malloc=a0=>(_malloc=wasmExports["d"])(a0);var _free=a0=>(_free=wasmExports["e"])(a0);
var _crc32=Module["_crc32"]=(a0,a1)=>(_crc32=Module["_crc32"]=wasmExports["f"])(a0,a1);`

func ExampleInspect() {
	bin, err := loader.FromBytes("zlib", zlibWasm, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	names, err := loader.ParseNames([]byte(zlibJS))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := loader.Inspect(bin, &loader.InspectOptions{Names: names})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Toolchain)
	fmt.Println("constructor", r.Constructor, "allocator", r.Allocator.Alloc, r.Allocator.Free)
	for _, im := range r.Imports {
		fmt.Println(im, im.Type, im.Family, im.Meaning)
	}
	fmt.Println(r.Admit())
	// Output:
	// emscripten (minified names)
	// constructor c allocator d e
	// a.a (i32) -> i32 emscripten emscripten_resize_heap
	// a.b (i32) emscripten exit
	// <nil>
}

func ExampleInspectOptions() {
	// A module with a shared memory.
	bin, err := loader.FromBytes("pool", []byte("\x00asm\x01\x00\x00\x00\x05\x04\x01\x03\x01\x02"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, threads := range []bool{false, true} {
		r, err := loader.Inspect(bin, &loader.InspectOptions{Threads: threads})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Admit())
	}
	// Output:
	// loader: inspect "pool": uses threads (atomic instructions or a shared memory): set Options.Threads, or compile without -pthread
	// <nil>
}

// report inspects a module that is known to be sound.
func report(wasm []byte) *loader.Report {
	bin, err := loader.FromBytes("zlib", wasm, nil)
	if err != nil {
		panic(err)
	}
	r, err := loader.Inspect(bin, nil)
	if err != nil {
		panic(err)
	}
	return r
}

func ExampleReport() {
	r := report(vecWasm)
	text, err := json.Marshal(r.Allocator)
	fmt.Println(string(text), err)
	for _, w := range r.Warnings {
		fmt.Println(w)
	}
	// Output:
	// {"kind":"none"} <nil>
	// no memory: arrays cannot be passed
}

func ExampleReport_Module() {
	r := report(zlibWasm)
	for _, x := range r.Module().Exports {
		fmt.Print(x.Name, " ")
	}
	// Output: c d e f
}

func ExampleProducer() {
	r := report([]byte(string(vecWasm) + custom("producers", "\x01\x0cprocessed-by\x01\x05clang\x0619.1.7")))
	fmt.Println(r.Producers[0], r.Toolchain)
	// Output: {processed-by clang 19.1.7} clang
}

func ExampleMemoryInfo() {
	r := report([]byte("\x00asm\x01\x00\x00\x00\x05\x04\x01\x01\x02\x10"))
	fmt.Println(r.Memory.Min, r.Memory.Max, r.Memory.ImportedFrom == nil)
	// Output: 131072 1048576 true
}

func ExampleTableInfo() {
	r := report([]byte("\x00asm\x01\x00\x00\x00\x04\x04\x01\x70\x00\x05"))
	fmt.Println(r.Tables[0].Type, r.Tables[0].Min)
	// Output: funcref 5
}

func ExampleImportName() {
	r := report([]byte("\x00asm\x01\x00\x00\x00\x02\x0f\x01\x03env\x06memory\x02\x00\x01"))
	fmt.Println(r.Memory.ImportedFrom)
	// Output: env.memory
}

func ExampleImportInfo() {
	im := report(zlibWasm).Imports[0]
	fmt.Println(im.Module, im.Name, im.Kind, im.Type)
	// Output: a a func (i32) -> i32
}

func ExampleFamily() {
	im := report(zlibWasm).Imports[0]
	fmt.Println(im.Family, im.Family == loader.FamilyEmscripten)
	// Output: emscripten true
}

func ExampleToolchain() {
	fmt.Println(report(zlibWasm).Toolchain == loader.EmscriptenMinified, report(vecWasm).Toolchain)
	// Output: true unknown
}

func ExampleAnswer() {
	fmt.Println(report(vecWasm).StackFirst == loader.Unknown)
	// Output: true
}

func ExampleAllocator() {
	fmt.Printf("%+v\n", report([]byte(exporting("__new 2 1", "__pin 1 1", "__unpin 1 0").bytes())).Allocator)
	// Output: {Kind:assemblyscript Alloc:__new Free: Pin:__pin Unpin:__unpin Collect:}
}

func ExampleAllocatorKind() {
	fmt.Println(report(vecWasm).Allocator.Kind == loader.AllocNone)
	// Output: true
}

func ExampleParseNames() {
	names, err := loader.ParseNames([]byte(zlibJS))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(names)
	// Output:
	// __wasm_call_ctors = c
	// crc32 = f
	// free = e
	// malloc = d
	// a.a -> emscripten_resize_heap
	// a.b -> exit
}

func ExampleNames() {
	names, err := loader.ParseNames([]byte("malloc = d\nfree = e\n")) // what String wrote, kept in a file
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(names.Exports["malloc"], len(names.Imports))
	// Output: d 0
}

func ExampleReport_Slim() {
	bin, err := loader.FromBytes("vec", vecWasm, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := loader.Inspect(bin, nil)
	fmt.Println(r.Module() != nil, r.Slim().Module() != nil, r.Slim().Name, err)
	// Output: true false vec <nil>
}

func ExampleFindAllocator() {
	exports := map[string][2]int{"malloc": {1, 1}, "free": {1, 0}}
	a := loader.FindAllocator(func(name string, params, results int) bool {
		n, ok := exports[name]
		return ok && n == [2]int{params, results}
	})
	fmt.Println(a.Kind, a.Alloc, a.Free)
	// Output: malloc malloc free
}
