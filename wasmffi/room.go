package wasmffi

import (
	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
)

// makeRoom, after imports were defined, lets the memory of a module without an allocator grow beyond what the module says: the arena is above, and
// tools for modules with fixed buffers leave no room there. What the library may take is limited as ever.
func makeRoom(mod *wasmbin.Module, a loader.Allocator) {
	if a.Kind != loader.AllocNone || len(mod.Memories) == 0 || mod.Memories[0].Shared {
		return
	}
	l := mod.Memories[0].Limits
	l.HasMax = false
	mod.SetMemoryLimits(0, l)
}
