// Package linmem provides linear memories whose base address never changes, and
// images that many of them can show without a copy.
//
// # Basics
//
// A Memory reserves its maximum as address space and commits pages as it grows,
// so a slice into it stays valid across growth, the garbage collector never looks
// at it, and a large memory costs as much as a small one until it is used. Where
// the operating system cannot do this (32-bit, js, wasip1) a memory lies on the
// Go heap with its maximum as capacity; the same calls work, by copying.
//
// Ranges of pages are replaced under the running guest: ZeroPages, MapImage,
// MapFile. Whatever lies in a memory can be read and written, always: a fault
// inside guest code kills the process, so no page is ever read-only, images are
// sealed against truncation, and MapFile says what it cannot promise.
//
// # Lifetimes
//
// A Go slice is invisible to the owner of the memory, so three things end apart:
//
//   - Free ends the content. The pages go back to the system at once; the
//     addresses stay, and read as zero. No stale slice and no reader that came a
//     moment late faults.
//   - Unmap ends the addresses, when nobody refers to the owner of the Memory any
//     more. A memory of which no slice was handed out is unmapped.
//   - One that was lent (Lend) goes into quarantine: mapped, readable, writable
//     and without pages. A later New of its length may take it over, the oldest first,
//     once more than Quarantine bytes of address space, or more than 16,384 ranges,
//     are in there. It is zeroed again then, since a stale slice may have
//     been written.
//
// So a dead slice never crashes, and shows another memory's bytes only after 64
// GiB of address space were released in between. On the Go heap the collector
// keeps what a slice refers to, and nothing is quarantined.
//
// # Bounds
//
// Reservations are powers of two, from 64 KiB to 4 GiB: 17 lengths, so that a
// released range fits a later request however odd the maximum was. Nothing new
// is reserved for a length of which a range waits while the quarantine is full.
// The quarantine therefore holds at most 64 GiB (or 16,384 ranges), and for each
// length what was alive at once; and none of it holds pages. New never takes a
// range earlier, not even when the address space is used up (ulimit -v): it
// runs the collector once, so that libraries that were dropped give theirs
// back, and fails then.
//
// # Huge pages
//
// Linux serves memory in pages of 2 MiB where a program asks for them, and to fill
// 16 MiB then takes 1.5 ms instead of 6. But the first byte costs 60 us and 2 MiB. So
// a memory asks when it is 16 MiB long, and not for its first 2 MiB, where stack
// and static data lie: an instance that computes little pays nothing.
//
// # Concurrency
//
// All methods are safe for concurrent use. What stands in the memory is not
// guarded: who calls Reset, ZeroPages or a Map method sees to it that nobody is
// inside the guest. A reader that races with Free or Reset sees old bytes or
// zeros and never faults.
//
// # Windows
//
// There is no way to replace pages without a moment in which they are missing,
// so Free and ZeroPages clear, images and files are copied, and quarantined
// ranges keep their pages: they are reused once 1 GiB of those are in there.
package linmem
