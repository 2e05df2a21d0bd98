;; Exports what the host's private exports are called, and pokes at it to have fuel for ever: stopped nevertheless.
(module
  (type $t (func))
  (global $fuel (export "wasmffi.meter.fuel") (mut i64) (i64.const 0))
  (global (export "wasmffi.meter_.fuel") (mut i64) (i64.const 0))
  (global (export "wasmffi.global.0") (mut i64) (i64.const 0))
  (table $poll (export "wasmffi.meter.poll") 1 1 funcref)
  (table (export "wasmffi.table") 1 1 funcref)
  (func (export "wasmffi.start") (unreachable))
  (func (export "wasmffi.call") (unreachable))
  (func (export "wasmffi.refill") (unreachable))
  (func $nothing)
  (elem $e func $nothing)
  (func (export "attack")
    (loop
      (global.set $fuel (i64.const 0x7fffffffffffffff))
      (table.init $poll $e (i32.const 0) (i32.const 0) (i32.const 1))
      (br 0))))
