;; Eight exports that recurse 400,000 calls deep and return, each with a stack of its own in the engine: given back when they return.
(module
  (func $down (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))
  (func $f (export "attack") (export "attack1") (export "attack2") (export "attack3")
           (export "attack4") (export "attack5") (export "attack6") (export "attack7")
    (drop (call $down (i32.const 400000)))))
