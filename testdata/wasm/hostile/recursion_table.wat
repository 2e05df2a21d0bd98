;; A function that calls itself through the table for ever: a stack overflow, and the stack given back.
(module
  (type $t (func))
  (table 1 1 funcref)
  (elem (i32.const 0) $f)
  (func $f (export "attack")
    (call_indirect (type $t) (i32.const 0))
    (call_indirect (type $t) (i32.const 0))))
