;; A recursion of 200,000 calls, out of which the host is asked to call it again, by invoke_v: a trap, and not a deep stack for each level.
(module
  (type $t (func))
  (import "env" "invoke_v" (func $invoke (param i32)))
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 2 2 funcref)
  (elem (i32.const 1) $f)
  (func (export "stackSave") (result i32) (i32.const 0))
  (func (export "stackRestore") (param i32))
  (func $down (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
      (else (call $invoke (i32.const 1)) (i32.const 0))))
  (func $f (export "attack") (drop (call $down (i32.const 200000)))))
