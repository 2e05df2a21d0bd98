;; Imports what the host's private modules are called: a trap that says that nobody supplies it, and nothing of the host's.
(module
  (import "wasmffi.refill" "refill" (func $refill))
  (import "guest" "wasmffi.meter.fuel" (global $fuel (mut i64)))
  (import "guest" "wasmffi.meter.poll" (table $poll 1 funcref))
  (func (export "attack")
    (global.set $fuel (i64.const 0x7fffffffffffffff))
    (table.set $poll (i32.const 0) (ref.null func))
    (call $refill)))
