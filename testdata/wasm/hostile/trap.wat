;; Writes over all memory above 1,024, grows it, and traps: slices of the host stay usable.
(module
  (memory (export "memory") 1)
  (func (export "attack")
    (memory.fill (i32.const 1024) (i32.const 255) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1024)))
    (drop (memory.grow (i32.const 1)))
    (unreachable)))
