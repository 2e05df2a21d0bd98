;; Two functions that call each other for ever, with many values alive: a stack overflow, and the stack given back.
(module
  (func $even (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (i64.add
      (call $odd (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 0))
      (i64.add (local.get 0) (i64.mul (local.get 3) (local.get 7)))))
  (func $odd (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (i64.sub
      (call $even (local.get 7) (local.get 6) (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
      (i64.xor (local.get 2) (local.get 5))))
  (func (export "attack")
    (drop (call $even (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8)))))
