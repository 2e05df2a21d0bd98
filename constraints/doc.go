// Package constraints says what a call demands of its arrays: numpy's ndpointer,
// which restricts one array, and signatures, which describe a whole call.
//
// # Basics
//
// An [NDPointer] is a restriction on dtype, number of dimensions, shape and flags;
// the zero value accepts any array. A [Signature] is read by [Parse], or made as a
// literal. [Compile] makes a [Checker] of it, once; for each call, a [Binding]
// takes the arrays, and the Checker compares them and binds the dimensions:
//
//	s, err := constraints.Parse("dot(x: f64[n], y: f64[n], n: size) -> f64")
//	c, err := constraints.Compile(s)
//	b := c.NewBinding()
//	e := c.Start(b, 2)                  // two Go arguments: n is derived
//	b.Arrays[0], b.Arrays[1] = x, y
//	e = c.Check(b)                      // x and y must have the same n
//	n, e := c.Value(b, 2)               // what the guest gets for n
//
// Package wasmffi does that, and users of it only write the text.
//
// # The language
//
// Parameters stand one-to-one for those of the wasm function; nothing is hidden.
//
//	blur(img: inout u8[h,w,3], h: size, w: size) -> i32 ok(0)
//	gemm(a: T[m,k], b: T[k,n], c: out T[m,n], m: size, k: size, n: size, t: i32 = typecode(a)) where T in f32|f64
//	conv(x: f64[m], y: f64[n], z: out f64[m+n-1] align(16), m: size, n: size) where m+n >= 1
//	type Pixel = {r: u8, g: u8, pos: f32[2]}; show(p: Pixel[_], raw: ptr, title: cstr nullable)
//	type Plan = opaque free(destroy); new_plan(n: i32, visit: func(x: f64[n], n: size) -> i32) -> Plan
//	compress(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size) -> size
//
// Numbers by value are bool, i8 to i64, u8 to u64, f32, f64, size (the guest's size_t)
// and ptr (an address as a number); elements are these, f16, c64, c128 and declared structs,
// which C lays out. An array may leave its dtype open: f32|f64, a class (i* u* f* c*), a
// variable (one capital: the same wherever it stands), any. The guest must learn it, by
// desc or by a number that is computed from itemsize(x) or typecode(x), DLPack's code*256+bits.
//
// A dimension is a number, "_" for any extent, a name, which has one value in a call,
// or an expression. An integer parameter of 32 or 64 bits that is named like a dimension is
// derived, one with "= expression" is computed; the caller leaves out both. Expressions
// have + - * / % over numbers, dimensions, integer parameters, and itemsize, nbytes, count,
// typecode(x) and stride(x,axis). Names are bound before expressions are computed, wherever
// they stand. Values are int64; overflow, a division by zero or with a negative operand, and a
// negative extent are errors. After where stand comparisons, and what a variable may be.
//
// The direction is in (the default), out or inout. Out scalars are pointers to one value and
// left out by the caller. Out arrays may be left out too, all of them or none: the host then
// allocates them, where their shape follows from the others or is given ([Binding].Shapes).
// Attributes say how an array lies: C (the default), F, contig, strided, align(n); that it may be nil
// (nullable), overlap a written array (mayalias), has no NaN (finite), is passed as a DLTensor* (desc), and
// how much of an output was written: len(expression), over the result and the out scalars too.
// A result is a number, of which ok(c) is the only value that means success, a cstr, a
// handle, a func or an array; nullable may be NULL, owned is freed with the result.
//
// A func is a pointer to a function, of the host as a parameter, of the guest as a result. Its
// arrays have dimensions by its own integer scalars, which hide other names, or by those of the
// call. [ParseFunc] reads the type of one callback, [FuncType.Accepts] and [Checker.CheckFunc]
// compare it with what is wanted, [CompileFunc] computes what the guest says in each call.
//
// [ParseFile] reads signatures and declarations in any order, one a line or separated by ";". Lines may be
// broken in brackets, "#" starts a comment, exports that are no identifiers are quoted, no word is reserved.
//
// # Errors
//
// A text that is no signature is a [*ParseError] with the place, an argument that does not fit a
// [*TypeError]: one line that names the function, the argument, what it has, what was wanted and where
// that comes from; Detail has the whole call. Sentinels such as [ErrDType] classify it for errors.Is.
//
// # Concurrency
//
// NDPointers, Signatures and Files are plain values, a [Checker] and a [FuncChecker] immutable: safe
// to share while nobody changes them. A [Binding] belongs to one call at a time.
//
// # Warnings
//
// The language counts bits: i8 is int8 here, but int64 in [memview.ParseDType], as in numpy. An
// NDPointer without CContiguous accepts strided arrays, of which the guest sees only the
// address, and arrays that overlap. Texts that come with a module are claims by untrusted code;
// reading them is safe and bounded ([MaxText], [MaxFile]), believing them is not.
package constraints
