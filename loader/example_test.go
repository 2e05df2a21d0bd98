package loader_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/wasmffi/go/loader"
)

// vecWasm stands for a module embedded with //go:embed.
var vecWasm = []byte("\x00asm\x01\x00\x00\x00")

func ExampleFind() {
	plugins := fstest.MapFS{ // any fs.FS: embed.FS, a zip archive, os.Root.FS
		"libvec.wasm": {Data: vecWasm},
		"libvec.sig":  {Data: []byte("sum(x: f64[n], n: size) -> f64")},
	}
	bin, err := loader.Find(plugins, "vec", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bin.Path, len(bin.Bytes), "bytes")
	fmt.Printf("%s: %s\n", bin.SidecarPath, bin.Sidecar)
	// Output:
	// libvec.wasm 8 bytes
	// libvec.sig: sum(x: f64[n], n: size) -> f64
}

func ExampleFindPath() {
	dir, err := os.MkdirTemp("", "plugins")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "vec.wasm"), vecWasm, 0o666); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{dir, filepath.Join(dir, "vec.wasm")} { // a directory, or any file in it
		bin, err := loader.FindPath("vec", path, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(filepath.Base(bin.Path))
	}
	// Output:
	// vec.wasm
	// vec.wasm
}

func ExampleFromBytes() {
	bin, err := loader.FromBytes("vec", vecWasm, nil)
	fmt.Println(len(bin.Bytes), err)

	_, err = loader.FromBytes("vec", []byte("(module)"), nil)
	fmt.Println(err)
	// Output:
	// 8 <nil>
	// loader: load "vec": not a wasm module: begins with 28 6d 6f 64 (wasm text format: assemble with wat2wasm), want 00 61 73 6d
}

func ExampleOptions() {
	_, err := loader.FromBytes("vec", vecWasm, &loader.Options{MaxSize: 4})
	fmt.Println(err)
	_, err = loader.FromBytes("vec", vecWasm, &loader.Options{SHA256: "c0ffee"})
	fmt.Println(err)
	// Output:
	// loader: load "vec": module size: got 8, want at most 4
	// loader: load "vec": Options.SHA256: got "c0ffee" of 6 characters, want 64 hexadecimal digits
}

func ExampleBinary() {
	bin, err := loader.FromBytes("vec", vecWasm, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	// The digest is what a pin is made of.
	pin := fmt.Sprintf("%x", bin.Digest)
	_, err = loader.FromBytes("vec", bin.Bytes, &loader.Options{SHA256: pin})
	fmt.Println(pin, err)
	// Output: 93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476 <nil>
}

func ExampleBinary_Signatures() {
	plugins := fstest.MapFS{
		"dot.wasm": {Data: []byte("\x00asm\x01\x00\x00\x00" + "\x00\x32" + "\x07wasmffi" + "dot(x: f64[n], y: f64[n], n: size) -> f64\n")},
		"dot.sig":  {Data: []byte("a sidecar that the section makes superfluous")},
		"sum.wasm": {Data: vecWasm},
		"sum.sig":  {Data: []byte("sum(x: f64[n], n: size) -> f64\n")},
	}
	for _, name := range []string{"dot", "sum"} {
		bin, err := loader.Find(plugins, name, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		text, from, err := bin.Signatures()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s", from, text)
	}
	// Output:
	// section wasmffi: dot(x: f64[n], y: f64[n], n: size) -> f64
	// sum.sig: sum(x: f64[n], n: size) -> f64
}

func ExampleError() {
	_, err := loader.Find(fstest.MapFS{"vec.wasm": {Data: []byte("MZ\x90\x00")}}, "vec", nil)
	var e *loader.Error
	if errors.As(err, &e) {
		fmt.Println(e.Name)
		fmt.Println(e.Path)
		fmt.Println(e.Kind)
		fmt.Println(e.Reason)
	}
	// Output:
	// vec
	// vec.wasm
	// not a wasm module
	// not a wasm module: begins with 4d 5a 90 00 (a PE file (DLL or EXE): compile for wasm32), want 00 61 73 6d
}

func ExampleError_Error() {
	_, err := loader.Find(fstest.MapFS{}, "vec", nil)
	fmt.Println(err)
	// Output: loader: find "vec": no such library; tried vec, vec.wasm, vec.wasm.gz, libvec.wasm, libvec.wasm.gz
}

func ExampleError_Unwrap() {
	_, missing := loader.Find(fstest.MapFS{}, "vec", nil)
	_, outside := loader.Find(fstest.MapFS{}, "../vec", nil)
	_, damaged := loader.FromBytes("vec", nil, nil)
	fmt.Println(errors.Is(missing, fs.ErrNotExist), errors.Is(outside, loader.ErrRefused), errors.Is(damaged, loader.ErrFormat))
	// Output: true true true
}

func ExampleAttempt() {
	_, err := loader.Find(fstest.MapFS{"vec": {Mode: fs.ModeDir}}, "vec", nil)
	var e *loader.Error
	if errors.As(err, &e) {
		for _, a := range e.Tried {
			fmt.Printf("%s: %s\n", a.Path, a.Reason)
		}
	}
	// Output:
	// vec: a directory
	// vec.wasm: no such file
	// vec.wasm.gz: no such file
	// libvec.wasm: no such file
	// libvec.wasm.gz: no such file
}
