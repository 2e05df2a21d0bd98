;; A longjmp over a call through the host, for ever: stopped, and nothing kept of the jumps.
(module
  (type $t (func))
  (import "env" "invoke_v" (func $invoke (param i32)))
  (import "env" "_emscripten_throw_longjmp" (func $throw))
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 2 2 funcref)
  (elem (i32.const 1) $jump)
  (func (export "setThrew") (param i32 i32))
  (func (export "stackSave") (result i32) (i32.const 0))
  (func (export "stackRestore") (param i32))
  (func $jump (call $throw))
  (func (export "attack")
    (loop
      (call $invoke (i32.const 1))
      (br 0))))
