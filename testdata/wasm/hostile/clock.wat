;; Looks at the clock until it is the year 3000: stopped.
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "attack")
    (loop
      (drop (call $time (i32.const 0) (i64.const 1) (i32.const 0)))
      (drop (call $time (i32.const 1) (i64.const 1) (i32.const 8)))
      (br_if 0 (i64.lt_u (i64.load (i32.const 0)) (i64.const 9223372036854775807))))))
