;; Waits for ever for somebody to notify it: refused without threads, stopped with them.
(module
  (memory (export "memory") 1 1 shared)
  (func (export "attack")
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
