;; table.fill and table.copy of a table of 500,000 entries for ever: stopped.
(module
  (table $t 500000 500000 funcref)
  (func (export "attack")
    (loop
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 500000))
      (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 499999))
      (br 0))))
