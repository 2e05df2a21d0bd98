;; Asks for random bytes for the whole memory of 64 MiB, for ever: stopped within a call of the host.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1024)
  (func (export "attack")
    (loop
      (drop (call $random (i32.const 0) (i32.const 0x4000000)))
      (br 0))))
