;; Asks for more heap by emscripten_resize_heap until that fails, from 4 GiB down: the limit of memory.
(module
  (import "env" "emscripten_resize_heap" (func $resize (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "attack") (local $n i32)
    (local.set $n (i32.const -1))
    (loop
      (drop (call $resize (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 0x100000)))
      (br_if 0 (i32.lt_s (local.get $n) (i32.const 0))))
    (loop
      (br_if 0 (call $resize (i32.add (i32.shl (memory.size) (i32.const 16)) (i32.const 1)))))))
