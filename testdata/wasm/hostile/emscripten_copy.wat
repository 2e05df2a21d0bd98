;; Lets the host copy 255 MiB by emscripten_memcpy_js for ever: stopped between two calls.
(module
  (import "env" "emscripten_memcpy_js" (func $copy (param i32 i32 i32)))
  (memory (export "memory") 4096)
  (func (export "attack")
    (loop
      (call $copy (i32.const 0x100000) (i32.const 0) (i32.const 0xff00000))
      (br 0))))
