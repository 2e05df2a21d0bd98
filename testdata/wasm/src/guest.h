// guest.h - the few definitions that every fixture shares.
//
// The fixtures are plain C: fixed-width integers, double loops, no intrinsics. Parameters stand in the order of the
// sidecar NAME.sig; `size` is size_t, which is 32 bits wide on wasm32.
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wasmffi.h" // tools/guest

// EXPORT(name) exports the function that follows under name. The wasm name is spelled out, also because unreachable_ and
// malloc would collide with the compiler's own notions. Signatures come from NAME.sig, not from here.
#define EXPORT(name) WASMFFI_EXPORT(name)

// REASSOCIATE, first in a block, lets the compiler add in any order there, and so keep several partial sums. Wanted in
// sums and dot products, and nowhere else: elementwise results stay the same to the last bit as the C source says.
#define REASSOCIATE _Pragma("clang fp reassociate(on)")

#define WASM_PAGE ((size_t)65536)

#endif
