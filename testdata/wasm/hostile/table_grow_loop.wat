;; table.grow by one entry for ever: stopped, with as many entries as the limit lets it have.
(module
  (table $t 0 funcref)
  (func (export "attack")
    (loop
      (drop (table.grow $t (ref.null func) (i32.const 1)))
      (br 0))))
