;; Invalid: sets global 0 of none, which a rewrite appends, to have fuel for ever: refused.
(module
  (func (export "attack")
    (loop
      (global.set 0 (i64.const 0x7fffffffffffffff))
      (br 0))))
