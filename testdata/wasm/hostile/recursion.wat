;; A function that calls itself for ever: a stack overflow, and the stack given back.
(module
  (func $f (export "attack") (call $f) (call $f)))
