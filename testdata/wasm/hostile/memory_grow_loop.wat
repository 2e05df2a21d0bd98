;; memory.grow by nothing, and by more than there can be, for ever: stopped.
(module
  (memory (export "memory") 1)
  (func (export "attack")
    (loop
      (drop (memory.grow (i32.const 0)))
      (drop (memory.grow (i32.const -1)))
      (br 0))))
