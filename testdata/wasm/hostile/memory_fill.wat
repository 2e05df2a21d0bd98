;; memory.fill of 256 MiB for ever: stopped in the middle of one instruction.
(module
  (memory (export "memory") 4096)
  (func (export "attack")
    (loop
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x10000000))
      (br 0))))
