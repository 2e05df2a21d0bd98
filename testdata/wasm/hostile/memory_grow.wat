;; Memory that is grown page by page until that fails, and then written all over: the limit of memory.
(module
  (memory (export "memory") 0)
  (func (export "attack") (local $p i32)
    (loop
      (br_if 0 (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0))))
    (loop
      (i64.store (local.get $p) (i64.const -1))
      (local.set $p (i32.add (local.get $p) (i32.const 4096)))
      (br_if 0 (i32.lt_u (local.get $p) (i32.shl (memory.size) (i32.const 16)))))))
