// Package loader goes from the name of a library to the checked bytes of a wasm module, and says what it is. It is
// numpy.ctypeslib's load_library without the loading: it finds, reads, checks and inspects, and runs nothing of what it reads.
//
// # Basics
//
// There are three ways in, one per place a module may come from:
//
//	bin, err := loader.FindPath("vec", "plugins", nil)  // a directory of the operating system, or a file in it
//	bin, err := loader.Find(fsys, "vec", nil)           // any fs.FS: embed.FS, a zip archive, os.Root.FS
//	bin, err := loader.FromBytes("vec", vecWasm, nil)   // a module embedded with go:embed
//
// All of them answer with a [Binary]: the bytes of a core wasm module, decompressed when they were gzip, with their
// SHA-256 and the signatures in the file beside it (vec.wasm has vec.sig), if there is one; by its header it is a
// version 1 module. [Binary.Signatures] is the text of the signatures that a module carries: that of its custom sections
// named wasmffi, else its sidecar.
//
// [Inspect] decodes the module (package wasmbin) and makes a [Report] of it: features, memory, imports, allocator, constructor.
// [Report.Admit] refuses, before anything is compiled, what an engine lacks or would choke on, and gives every
// reason. Modules with minified names need a name map, [Names], which [ParseNames] reads from the JavaScript that belongs
// to the module. [Harden] writes a module that any engine can run safely: it counts what it executes, and its memory and
// tables are bounded.
//
// # What counts as a name
//
// A name is a slash-separated path relative to the place searched: no "..", not absolute, no backslash and no drive
// letter on any system, at most 1024 bytes. Only .wasm and .wasm.gz, in lower case, are extensions: libv.1.2 has none.
//
// A name with an extension is that file and no other. A name without one is completed; the first of these that exists
// is the answer, sound or not:
//
//	vec   vec.wasm   vec.wasm.gz   libvec.wasm   libvec.wasm.gz
//
// The prefix goes before the last element: simd/vec is looked for as simd/libvec.wasm. A directory called vec is
// stepped over, so that plugins/vec/ and plugins/vec.wasm can live side by side.
//
// Whether a file is compressed is decided by its first two bytes, never by its extension. A compressed file is one gzip
// member and nothing after it: a second member, which gunzip would append, is refused like any other trailing data.
//
// # Refusals
//
// Every error is an [*Error] that lists the files tried. errors.Is tells the classes apart:
//
//   - [fs.ErrNotExist]: nothing of that name, or FindPath's path is not there.
//   - [ErrFormat]: the file is there and is not a core wasm module, or its gzip data is damaged.
//   - [ErrRefused]: a rule of this package or of [Options]: name, size, pin, a file that is not regular, a symbolic link
//     that leaves the directory, a module that is not admitted.
//   - none of them: the file system failed, and errors.Is finds its error (fs.ErrPermission, ...).
//
// Sizes are checked against what was read, not against what the file system claims. Regular files only: a device or a
// named pipe is refused before it is opened.
//
// FindPath promises that no symbolic link leads out of the directory (see [os.Root], also for GOOS=js, where a link that
// changes during the call can break that promise). The directory itself may be reached through links: it is the
// caller's choice. An fs.FS is the caller's altogether: os.DirFS follows links anywhere.
//
// A sidecar is a claim by whoever could write beside the module, a section by whoever made it. [Options].SHA256 covers the
// section only.
//
// # Differences from numpy
//
// Row numbers are those of the numpy.ctypeslib contract that this project keeps.
//
//   - A path that does not exist is refused; numpy loads from its parent directory (row 4). So is the empty path, which
//     is the working directory there (row 5): write ".".
//   - Only .wasm and .wasm.gz are extensions; numpy takes the .2 of libv.1.2 for one (row 10).
//   - The lib prefix is tried, after everything else; numpy never adds it (row 11).
//   - The error lists the files tried; numpy's names neither file nor directory (row 12).
//   - A directory in the place of a file is refused, or stepped over for a bare name, before it is opened (row 14).
//   - Absolute names and ".." are refused; numpy contains nothing (row 17). Empty names and NUL are refused with the
//     reason (row 18).
//
// The same as in numpy: the path may be a file, whose directory is then meant (row 3), a name with an extension is not
// completed (row 9), and a file that exists but is defective ends the search (row 13).
//
// # Concurrency
//
// All functions may be called at the same time. They keep nothing between calls; a Binary shares memory with nothing, the
// module of a Report with its Binary.
package loader
