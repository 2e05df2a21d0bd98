;; Invalid: calls through the table by type 1 of one, which a rewrite appends: refused.
(module
  (type (func))
  (table 1 funcref)
  (func (export "attack") (type 0) (call_indirect (type 1) (i32.const 0))))
