;; A recursion of 400,000 calls that ends, again and again: stopped while the stack is deep, or a stack overflow.
(module
  (func $down (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))
  (func (export "attack")
    (loop
      (drop (call $down (i32.const 400000)))
      (br 0))))
