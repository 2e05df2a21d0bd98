;; A memory of 4 GiB at first: refused.
(module
  (memory (export "memory") 65536)
  (func (export "attack")))
