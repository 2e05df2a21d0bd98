;; Calls a function pointer that the host gave it for ever: stopped between two calls.
(module
  (type $t (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 1 funcref)
  (global $f (mut i32) (i32.const 0))
  (func (export "give") (param i32) (global.set $f (local.get 0)))
  (func (export "attack")
    (loop
      (drop (call_indirect (type $t) (i32.const 1) (global.get $f)))
      (br 0))))
