package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// MapOptions say how a file becomes an array. A nil *MapOptions is the zero value.
type MapOptions struct {
	// Offset is where in the file the elements begin, in bytes. Zero: at its start. MapNPY
	// finds it in the file's header and must not be given one.
	Offset int64
	// Immutable is the caller's promise that nobody changes or truncates the file as long
	// as the array lives. Then the file's pages are mapped copy-on-write, without a copy and in microseconds,
	// where the system can. A promise that is broken kills the process: touching a page that a file
	// no longer has is a fault that Go cannot recover from inside of guest code. False: the bytes are
	// read once, and whatever happens to the file later has no effect.
	Immutable bool
}

// MapFile makes an array of a file's bytes, dense, in C order and in the byte order of t. It is an
// array of the library like one from Empty: it has OWNDATA and lives until Free. The guest may write to it, and
// its writes never reach the file. f may be closed afterwards. A file that is
// too short is refused with io.ErrUnexpectedEOF.
func (l *Library) MapFile(f *os.File, t memview.DType, shape []int, o *MapOptions) (Array, error) {
	if o == nil {
		o = &MapOptions{}
	}
	a, err := l.mapFile(f, t, memview.Layout{Shape: shape}, o)
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: MapFile: %w", err)
	}
	return a, nil
}

// MapNPY is MapFile with dtype, shape and order of a .npy file's header.
func (l *Library) MapNPY(f *os.File, o *MapOptions) (Array, error) {
	with := MapOptions{}
	if o != nil {
		with = *o
	}
	a, err := l.mapNPY(f, &with)
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: MapNPY: %w", err)
	}
	return a, nil
}

func (l *Library) mapNPY(f *os.File, o *MapOptions) (Array, error) {
	if o.Offset != 0 {
		return Array{}, fmt.Errorf("offset is %d, want 0: the file's header says where the elements are", o.Offset)
	}
	h, err := npy.ReadHeader(io.NewSectionReader(f, 0, 1<<62))
	if err != nil {
		return Array{}, err
	}
	o.Offset = h.Offset
	return l.mapFile(f, h.DType, h.Layout(), o)
}

func (l *Library) mapFile(f *os.File, t memview.DType, layout memview.Layout, o *MapOptions) (Array, error) {
	size, err := memview.SizeOf(t, layout.Shape...)
	if err != nil {
		return Array{}, err
	}
	n, skew := uint64(size), uint64(0)
	if o.Offset < 0 {
		return Array{}, fmt.Errorf("offset is %d, want at least 0", o.Offset)
	}
	st, err := f.Stat()
	if err != nil {
		return Array{}, err
	}
	if have := uint64(max(st.Size()-o.Offset, 0)); st.Mode().IsRegular() && have < n {
		return Array{}, fmt.Errorf("%w: file has %d bytes from offset %d, want %d", io.ErrUnexpectedEOF, have, o.Offset, n)
	}
	if o.Immutable {
		skew = uint64(o.Offset) % linmem.PageSize()
	}
	return l.mapped(skew, n, t, layout, func(mem *linmem.Memory, at uint64) (bool, error) {
		if o.Immutable && n > 0 {
			err := mem.MapFile(f, o.Offset-int64(skew), at, skew+n)
			if err == nil {
				clear(mem.Bytes()[at : at+skew]) // of the file, but not of the array
			}
			return true, err
		}
		_, err := io.ReadFull(io.NewSectionReader(f, o.Offset, int64(n)), mem.Bytes()[at:at+n])
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return false, err
	})
}

// mapped makes an array of n bytes that begins skew bytes behind a page, with the bytes
// that fill supplies. fill reports whether it has mapped the pages.
func (l *Library) mapped(skew, n uint64, t memview.DType, layout memview.Layout, fill func(mem *linmem.Memory, at uint64) (bool, error)) (Array, error) {
	return l.within(func(ctx context.Context) (memview.Array, error) {
		page := linmem.PageSize()
		size := (skew + n + page - 1) &^ (page - 1)
		b, err := l.in.alloc(ctx, size, max(page, mallocAlign))
		if err != nil {
			return memview.Array{}, err
		}
		a := l.in.own(b)
		isMapped, err := fill(l.in.lease.mem, uint64(b.ptr))
		if isMapped {
			a.pages = extent{uint64(b.ptr), size}
			l.in.base = nil // does not lie under these pages
		}
		layout.OwnData = true
		var arr memview.Array
		if err == nil {
			arr, err = memview.NewArray(a, b.ptr+memview.Ptr(skew), t, layout)
		}
		if err != nil {
			return memview.Array{}, also(err, l.in.free(ctx, a))
		}
		return arr, nil
	})
}
