;; Reads standard input into 64 MiB for ever: stopped within a call of the host.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1024)
  (data (i32.const 0) "\00\00\01\00\00\00\f0\03")
  (func (export "attack")
    (loop
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (br 0))))
