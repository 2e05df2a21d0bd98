;; Writes 100,000 vectors of 1 MiB each to standard error by one call of the host, and then 1,000, for ever: stopped within a call.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 64)
  (func (export "attack") (local $p i32)
    (loop
      (i32.store (i32.add (local.get $p) (i32.const 0x100000)) (i32.const 0x200000))
      (i32.store (i32.add (local.get $p) (i32.const 0x100004)) (i32.const 0x100000))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if 0 (i32.lt_u (local.get $p) (i32.const 800000))))
    (loop
      (drop (call $write (i32.const 2) (i32.const 0x100000) (i32.const 100000) (i32.const 16)))
      (drop (call $write (i32.const 2) (i32.const 0x100000) (i32.const 1000) (i32.const 16)))
      (br 0))))
