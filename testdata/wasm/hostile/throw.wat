;; Throws an exception that nobody catches: refused without exceptions, a trap with them.
(module
  (tag $e)
  (func (export "attack") (throw $e)))
