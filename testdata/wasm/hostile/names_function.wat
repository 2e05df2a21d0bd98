;; Invalid: calls function 1 of one, which a rewrite appends: refused.
(module
  (func (export "attack") (loop (br 0)) (call 1)))
