;; A loop without content that does not end: stopped by whatever can stop a call.
(module
  (func (export "attack") (loop (br 0))))
