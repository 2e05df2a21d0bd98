;; A recursion in which every other call is one of the host into the guest, by invoke_v: a trap before the host's stack grows.
(module
  (type $t (func))
  (import "env" "invoke_v" (func $invoke (param i32)))
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 2 2 funcref)
  (elem (i32.const 1) $f)
  (func (export "stackSave") (result i32) (i32.const 0))
  (func (export "stackRestore") (param i32))
  (func $f (export "attack") (call $invoke (i32.const 1)) (call $invoke (i32.const 1))))
