;; One store for each page of 4 KiB of 256 MiB, for ever, each of which is a page fault at first: stopped.
(module
  (memory (export "memory") 4096)
  (func (export "attack") (local $p i32)
    (loop
      (i32.store8 (local.get $p) (i32.const 1))
      (local.set $p (i32.and (i32.add (local.get $p) (i32.const 4096)) (i32.const 0x0fffffff)))
      (br 0))))
