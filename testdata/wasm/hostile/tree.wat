;; A call tree without a loop, f(60) with two calls of f(59): stopped.
(module
  (func $f (param $n i32)
    (if (local.get $n)
      (then
        (call $f (i32.sub (local.get $n) (i32.const 1)))
        (call $f (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "attack") (call $f (i32.const 60))))
