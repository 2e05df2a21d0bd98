package hostmod

import "github.com/tetratelabs/wazero/api"

const pageSize = 1 << 16

// heapTable is how the heap of emscripten grows, and copies within it.
var heapTable = map[string][]variant{
	"emscripten_resize_heap":          {{"i:i", resizeHeap}},
	"emscripten_get_heap_max":         {{":i", heapMax}},
	"getHeapMax":                      {{":i", heapMax}},
	"emscripten_get_heap_size":        {{":i", heapSize}},
	"getTotalMemory":                  {{":i", heapSize}},
	"abortOnCannotGrowMemory":         {{"*", trap("abortOnCannotGrowMemory", "the memory is too small and cannot grow")}},
	"emscripten_notify_memory_growth": {{"i:", nothing}},

	"emscripten_memcpy_js":  {{"iii:", memmove}, {"iii:i", memmove}},
	"emscripten_memcpy_big": {{"iii:", memmove}, {"iii:i", memmove}},
	"memcpy":                {{"iii:i", memmove}},
	"memmove":               {{"iii:i", memmove}},
	"memset":                {{"iii:i", memset}},
}

// resizeHeap makes the memory at least as large as asked for. The result is 1 or 0.
func resizeHeap(c call, stack []uint64) {
	want, m := uint64(api.DecodeU32(stack[0])), c.memory()
	stack[0] = 0
	if m == nil || want > c.limit(m) {
		return
	}
	if have := uint64(m.Size()); want > have {
		if _, ok := m.Grow(uint32((want - have + pageSize - 1) / pageSize)); !ok {
			return
		}
	}
	stack[0] = 1
}

// limit is what the memory may grow to, in bytes. The last page of 4 GiB is
// none, so that the size fits an i32.
func (c call) limit(m api.Memory) uint64 {
	limit := uint64(65535)
	if pages, ok := m.Definition().Max(); ok {
		limit = min(limit, uint64(pages))
	}
	limit *= pageSize
	if most := c.env.HeapMax; most > 0 {
		limit = min(limit, most)
	}
	return limit
}

func heapMax(c call, stack []uint64) {
	stack[0] = 0
	if m := c.memory(); m != nil {
		stack[0] = c.limit(m)
	}
}

func heapSize(c call, stack []uint64) {
	stack[0] = 0
	if m := c.memory(); m != nil {
		stack[0] = uint64(m.Size())
	}
}

// memmove copies. The result, where there is one, is the first argument.
func memmove(c call, stack []uint64) {
	n := api.DecodeU32(stack[2])
	c.charge(n)
	copy(c.must("memcpy", api.DecodeU32(stack[0]), n), c.must("memcpy", api.DecodeU32(stack[1]), n))
}

func memset(c call, stack []uint64) {
	n, x := api.DecodeU32(stack[2]), byte(stack[1])
	c.charge(n)
	b := c.must("memset", api.DecodeU32(stack[0]), n)
	for i := range b {
		b[i] = x
	}
}
