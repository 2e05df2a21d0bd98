// Package npy reads and writes .npy files, numpy's format for one array, as
// [memview.Array] values.
//
// Versions 1.0, 2.0 and 3.0 of the format (numpy.lib.format) are covered, for every
// dtype that memview has: numbers with float16, text, datetimes, void, and
// structs with nesting, sub-arrays, titles and padding; either byte order; C and
// Fortran order. It exists because no maintained Go library covers structs,
// float16, versions 2 and 3, and hostile headers.
//
// # Basics
//
//	a, err := npy.Read(f, nil) // a memview.Array in Go memory
//	v, err := memview.Values[float64](a)
//	err = npy.Write(f, a) // any Array, guest memory or Go, any strides
//
// [ReadHeader] reads the header alone and leaves the reader at the data. Its
// [Header] has the offset of the data in the file and, in [Header.Layout], what
// places an array over a file that was mapped into memory.
//
// # What is written
//
// The bytes are those that numpy.save writes (as of 1.24): the lowest version that
// can hold the header, which is padded so that the data start at a multiple of 64
// bytes. A Fortran-contiguous array is written as it lies; any other that is not
// C-contiguous is copied in C order, in chunks of 256 KiB or of one element.
//
// A .npy file lists the fields of a struct in the order of their offsets. A struct
// whose fields overlap or stand in another order has no such list; Write refuses
// it, as numpy does. Whether a struct was C-aligned is not stored: only its offsets.
//
// Bools are written and read as 0 or 1, whatever bytes the guest or the file
// has for them.
//
// # Concurrency
//
// Nothing here has state. Write reads the elements like any other reader: a
// guest call that changes them meanwhile is a data race.
//
// # Warnings
//
// A file may be hostile. A header of more than 1 MiB is refused, and so are
// negative dimensions, more than 32 of them, sizes that overflow, and keys other than the
// three of the format. Memory is taken as data arrive, so that a header which
// promises more than the file holds costs little; Options.MaxBytes bounds the whole.
// (numpy.load by default refuses headers of more than 10,000 characters, so
// structs with hundreds of fields need its max_header_size.)
//
// Bytes after the data are left unread, as numpy leaves them: several arrays in a
// row can be read one after the other, until an error wraps [io.EOF].
//
// Not read: object arrays, which hold pickled Python objects; long double;
// text and void of zero length (S0, U0, V0), which memview does not have.
package npy
