;; Prints a text of 64 MiB without an end by emscripten_console_error, for ever: cut by the host, and stopped.
(module
  (import "env" "emscripten_console_error" (func $print (param i32)))
  (memory (export "memory") 1024)
  (func (export "attack")
    (memory.fill (i32.const 0) (i32.const 65) (i32.const 0x4000000))
    (loop
      (call $print (i32.const 0))
      (br 0))))
