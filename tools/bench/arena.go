package main

import (
	"math/rand/v2"
	"unsafe"

	"github.com/wasmffi/go/memview"
)

// arena holds the same arrays three times: in Go memory, for Go and cgo; in the library; in the bare engine. They
// lie at the same distance from a page border everywhere, because caches and store buffers look at low address bits, and two
// arrays that happen to collide there cost a kernel more than a sandbox does.
type arena struct {
	e     *env
	sizes []int
	at    []int // offsets
	goMem []byte
	guest memview.Array // owns the library's copy
	base  memview.Ptr   // where its arrays start
	block uint32        // owns the engine's copy
	raw   uint32
}

const page = 4096

// arrays places arrays of that many bytes.
func (e *env) arrays(sizes ...int) (*arena, error) {
	a := &arena{e: e, sizes: sizes}
	end := 0
	for i, n := range sizes {
		// Starts that differ modulo a page, by a whole number of cache lines.
		start := roundUp(end, page) + i*21*64
		a.at = append(a.at, start)
		end = start + n
	}
	a.goMem = make([]byte, end+page)
	skip := roundUp(int(uintptr(unsafe.Pointer(&a.goMem[0]))), page) - int(uintptr(unsafe.Pointer(&a.goMem[0])))
	a.goMem = a.goMem[skip:]
	var err error
	if a.guest, err = e.lib.Empty(memview.U8, end+page); err != nil {
		return nil, err
	}
	a.base = memview.Ptr(roundUp(int(a.guest.Ptr()), page))
	if a.block, err = e.engineMalloc(uint64(end + page)); err != nil {
		return nil, err
	}
	a.raw = uint32(roundUp(int(a.block), page))
	return a, nil
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

func (a *arena) free() {
	must(0, a.e.lib.Free(a.guest))
	a.e.engineFree(a.block)
}

// f64 and f32 are array i in Go memory.
func (a *arena) f64(i int) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(&a.goMem[a.at[i]])), a.sizes[i]/8)
}

func (a *arena) f32(i int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&a.goMem[a.at[i]])), a.sizes[i]/4)
}

// fill puts the same numbers from [-1, 1) into array i everywhere.
func (a *arena) fill(i int, t memview.DType, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, uint64(i)))
	if t.ItemSize() == 4 {
		for k := range a.f32(i) {
			a.f32(i)[k] = 2*rnd.Float32() - 1
		}
	} else {
		for k := range a.f64(i) {
			a.f64(i)[k] = 2*rnd.Float64() - 1
		}
	}
	copy(a.guestBytes(i), a.goBytes(i))
	copy(a.rawBytes(i), a.goBytes(i))
}

// goBytes, guestBytes and rawBytes are array i in each of the three memories.
func (a *arena) goBytes(i int) []byte { return a.goMem[a.at[i]:][:a.sizes[i]] }

func (a *arena) guestBytes(i int) []byte {
	return must(a.e.lib.Memory().Bytes(a.base+memview.Ptr(a.at[i]), uint32(a.sizes[i])))
}

func (a *arena) rawBytes(i int) []byte {
	b, ok := a.e.raw.Memory().Read(a.rawPtr(i), uint32(a.sizes[i]))
	if !ok {
		panic("array outside of the engine's memory")
	}
	return b
}

// array is array i in the library.
func (a *arena) array(i int, t memview.DType, shape ...int) memview.Array {
	return must(memview.AsArray(a.e.lib.Memory(), a.base+memview.Ptr(a.at[i]), t, shape...))
}

// rawPtr is the address of array i in the bare engine.
func (a *arena) rawPtr(i int) uint32 { return a.raw + uint32(a.at[i]) }
