;; A function that calls itself in tail position for ever, without a stack that grows: stopped.
(module
  (func $f (export "attack") (return_call $f)))
