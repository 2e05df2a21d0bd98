;; memory.copy of 256 MiB in both directions for ever: stopped in the middle of one instruction.
(module
  (memory (export "memory") 4096)
  (func (export "attack")
    (loop
      (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x0fffffff))
      (memory.copy (i32.const 0) (i32.const 1) (i32.const 0x0fffffff))
      (br 0))))
