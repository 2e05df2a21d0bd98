// Package constraints says what a call demands of its arrays: numpy's ndpointer,
// which restricts one array, and signatures, which describe a whole call.
//
// # Basics
//
// An [NDPointer] is a restriction on dtype, number of dimensions, shape and flags;
// the zero value accepts any array. [NDPointer.Check] tells why an array does not meet it.
//
// A [Signature] is written in the language below and read by [Parse], or made as a
// literal. [Compile] makes a [Checker] of it, once. For each call, a [Binding]
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
//	scale(x: inout f64[n], n: size, a: f64)      an array, its extent, a number
//	matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)
//	blur(img: inout u8[h,w,3], h: size, w: size) -> i32 ok(0)
//	type Pixel = {r: u8, g: u8, b: u8, pos: f32[2]}; show(p: Pixel[_], raw: ptr)
//	modf(x: f64, ip: out f64) -> f64             ip: a pointer to one value
//	find(x: f64[n], n: size) -> f64[n] nullable  a pointer that may be NULL
//
// Element types are bool, i8 to i64, u8 to u64, f16, f32, f64, c64, c128, size (the
// guest's size_t), ptr (an address as a number) and declared structs, which C
// lays out. A number by value is any of them but f16, c64, c128 and structs.
//
// A dimension is an integer, "_" for any extent, or a name, which has one value
// wherever it stands in a call; f64[] is one element. An integer parameter of 32 or 64
// bits that is named like a dimension is derived: the host passes the extent, and
// the caller leaves it out.
//
// The direction is in (also when not said), out or inout. Out scalars are left out
// by the caller. Out arrays may be, all or none: the host then allocates them where
// their dimensions follow from the others or are given by shape ([Binding].Shapes).
//
// A result is a number, of which ok(c) names the only value that means
// success, or an array whose dimensions stand in the parameters. It must not be
// NULL unless it is nullable.
//
// [ParseFile] reads a file: signatures and declarations in any order (structs
// inside of others first), one a line or separated by ";". Lines may be broken inside
// of brackets, "#" starts a comment, and "wasmffi 1" names the version. Exports
// that are no identifiers are quoted: "Foo#bar"(x: i32). No word is reserved.
//
// # Errors
//
// A text that is no signature is a [*ParseError] with the place. An argument that does
// not fit is a [*TypeError]: one line that names the function, the argument, what it
// has, what was wanted and where that comes from; Detail has the whole call. The
// sentinels [ErrDType], [ErrNDim], [ErrShape] and so on classify it for errors.Is.
// Restrictions that no array can meet are refused when they are made.
//
// # Concurrency
//
// NDPointers, Signatures and Files are plain values: safe to share while nobody changes
// them. A [Checker] is immutable and safe for concurrent use. A [Binding] belongs to one
// call at a time.
//
// # Warnings
//
// The language counts bits: i8 is int8 here, but int64 in [memview.ParseDType], as in
// numpy. An NDPointer without CContiguous accepts strided arrays, of which
// the guest sees only the address. Arrays that overlap are not refused. Texts that come
// with a module are claims by untrusted code; reading them is safe and
// bounded ([MaxText], [MaxFile]), believing them is not.
package constraints
