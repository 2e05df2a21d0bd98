;; Writes half of what it wants to, and traps: slices of the host stay usable.
(module
  (memory (export "memory") 1)
  (func (export "attack")
    (memory.fill (i32.const 60000) (i32.const 255) (i32.const 5536))
    (drop (memory.grow (i32.const 1)))
    (unreachable)))
