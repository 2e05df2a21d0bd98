// Package memview says what an array in linear memory is: dtype, shape, strides,
// flags, and access without copies. It is numpy's ndarray, reduced to what
// crosses the border between a Go host and a WebAssembly guest.
//
// # Basics
//
// A [Memory] is the guest's linear memory, seen from outside. An [Array] is a
// view of some of its bytes: an address, a [DType], a shape and byte strides,
// which may be negative or zero. An Array may also lie over a Go slice
// ([FromSlice], [FromStrided]); the two have the same methods.
//
//	a, err := memview.AsArray(mem, ptr, memview.F64, 3, 4) // double[3][4] at ptr
//	v, err := memview.Values[float64](a)                   // a copy: the default
//	s, err := memview.Slice[float64](a)                    // shared, no copy
//
// [Array.Sub], [Array.Drop], [Array.Transpose], [Array.Reshape] and [Array.Field]
// make further views. [Copy] moves elements between any two layouts and byte
// orders. [Flags] are numpy's, and always derived from the layout.
//
// A dtype is described as in numpy: [ParseDType] reads numpy's spellings and
// [DTypeOf] the layout of a Go type. [AsCTypesType] gives the C declaration.
//
// # Lifetimes
//
// An Array never dangles: each access asks the memory anew, which answers
// [ErrClosed] or [ErrFreed] when the bytes are gone. A Go slice that was
// borrowed by [Slice], [AsMat] or [Runs] cannot ask; it is valid until the library is
// closed or the array freed. Keep Values where in doubt.
//
// # Concurrency
//
// DTypes and Arrays are immutable and may be shared between goroutines. The
// elements are plain memory: a guest call that writes them while another goroutine
// reads is a data race, as with any slice.
//
// # Warnings
//
// Guest memory is hostile. Every size here is computed in 64 bits with
// overflow checks, and a range is checked against the memory before it is
// touched. Address 0 is NULL by contract, although wasm has memory there.
//
// A guest may store any byte where a bool belongs. Go must never see such a
// bool, so bool arrays are copied ([Values]), never borrowed ([Elem]).
//
// "i8" is int64 to [ParseDType], as in numpy. The signature language of package
// constraints counts bits: there i8 is int8.
package memview
