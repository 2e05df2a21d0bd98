package hostmod

import (
	"context"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// engineFunctions are the functions of WASI that the engine has, by name. They belong to no instance: each takes what
// it needs of the module that calls.
var engineFunctions = sync.OnceValue(func() map[string]api.GoModuleFunction {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	compiled, err := wasi_snapshot_preview1.NewBuilder(r).Compile(ctx)
	if err != nil {
		panic("hostmod: " + err.Error()) // of the engine's own module
	}
	list := map[string]api.GoModuleFunction{}
	for name, f := range compiled.ExportedFunctions() {
		list[name] = f.GoFunction().(api.GoModuleFunction)
	}
	return list
})

// bound is how large a parameter may be.
type bound struct {
	param int
	most  uint32
	err   uint64 // that a larger one gets
}

const (
	maxVectors       = 1024 // buffers to read or write at once, as in Linux
	maxSubscriptions = 1024 // what a guest may wait for at once: the engine makes something for each
	maxDescriptor    = 4095 // a guest may number its files: the engine has room for all up to the highest
	maxPath          = 4096 // bytes, as in Linux: the engine copies it
)

// bounds are those of functions for which the engine would take memory or time as a parameter says.
var bounds = map[string][]bound{
	"fd_read":      {{2, maxVectors, errInval}},
	"fd_write":     {{2, maxVectors, errInval}},
	"fd_pread":     {{2, maxVectors, errInval}},
	"fd_pwrite":    {{2, maxVectors, errInval}},
	"fd_renumber":  {{1, maxDescriptor, errBadf}},
	"poll_oneoff":  {{2, maxSubscriptions, errInval}},
	"path_open":    {{3, maxPath, errNametoolong}},
	"path_link":    {{3, maxPath, errNametoolong}, {6, maxPath, errNametoolong}},
	"path_rename":  {{2, maxPath, errNametoolong}, {5, maxPath, errNametoolong}},
	"path_symlink": {{1, maxPath, errNametoolong}, {4, maxPath, errNametoolong}},

	"path_create_directory":   {{2, maxPath, errNametoolong}},
	"path_filestat_get":       {{3, maxPath, errNametoolong}},
	"path_filestat_set_times": {{3, maxPath, errNametoolong}},
	"path_readlink":           {{2, maxPath, errNametoolong}},
	"path_remove_directory":   {{2, maxPath, errNametoolong}},
	"path_unlink_file":        {{2, maxPath, errNametoolong}},
}

// engineWASI is a function of the engine's, for parameters of sizes that a guest may have use for.
func engineWASI(name string) function {
	fn, list := engineFunctions()[name], bounds[name]
	return func(c call, stack []uint64) {
		for _, b := range list {
			if api.DecodeU32(stack[b.param]) > b.most {
				stack[0] = b.err
				return
			}
		}
		fn.Call(c.ctx, c.module, stack)
	}
}
