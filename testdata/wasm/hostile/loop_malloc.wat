;; An allocator that loops for ever: making an array is stopped by the limit of time or fuel.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (loop (br 0)) (unreachable))
  (func (export "free") (param i32) (loop (br 0)))
  (func (export "attack") (loop (br 0))))
