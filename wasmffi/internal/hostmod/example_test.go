package hostmod_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// A module of three imports: one of WASI under a minified name, one of emscripten, and one
// that nobody supplies.
func Example() {
	m := &module{pages: 1, max: 1, imports: []hostmod.Import{
		imported("a", "q", "ii:i"), imported("env", "emscripten_console_log", "i:"), imported("env", "draw", "i:i"),
	}}
	m.imports[0].Meaning = "random_get"
	links := hostmod.Link(m.imports)
	for i := range m.imports {
		module, name := links.Target(i)
		fmt.Println(links.Family(i), module, name)
	}
	fmt.Println("missing", links.Missing())

	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	compiled, err := r.CompileModule(ctx, m.encode(links))
	if err != nil {
		panic(err)
	}
	env := &hostmod.Env{Stdout: os.Stdout}
	if err := links.Instantiate(ctx, r, compiled, func(api.Module) *hostmod.Env { return env }); err != nil {
		panic(err)
	}
	guest, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig())
	if err != nil {
		panic(err)
	}
	guest.Memory().Write(64, []byte("hello\x00"))
	_, err = guest.ExportedFunction("1").Call(ctx, 64)
	fmt.Println(err)
	_, err = guest.ExportedFunction("2").Call(ctx, 64)
	var e *hostmod.Unresolved
	if errors.As(err, &e) {
		fmt.Println(e)
	}
	// Output:
	// wasi host 0
	// emscripten host 1
	// stub host 2
	// missing [2]
	// hello
	// <nil>
	// unresolved import env.draw
}
