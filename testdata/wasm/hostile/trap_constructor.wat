;; A constructor that grows memory, writes to it and traps: no instance, and the memory given back.
(module
  (memory (export "memory") 1)
  (func (export "_initialize")
    (drop (memory.grow (i32.const 1023)))
    (memory.fill (i32.const 0) (i32.const 255) (i32.const 0x4000000))
    (unreachable)))
