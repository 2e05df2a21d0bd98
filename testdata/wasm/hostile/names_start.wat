;; Invalid: starts with function 1 of one, which a rewrite appends: refused.
(module
  (start 1)
  (func (export "attack") (loop (br 0))))
