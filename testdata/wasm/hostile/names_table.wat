;; Invalid: empties table 0 of none, which a rewrite appends: refused.
(module
  (func (export "attack")
    (loop
      (table.set 0 (i32.const 0) (ref.null func))
      (br 0))))
