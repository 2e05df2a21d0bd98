;; Invalid: exports global 0, table 0 and function 1, which a rewrite appends: refused.
(module
  (export "fuel" (global 0))
  (export "poll" (table 0))
  (export "more" (func 1))
  (func (export "attack") (loop (br 0))))
