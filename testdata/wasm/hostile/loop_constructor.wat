;; A constructor that loops for ever: no instance, stopped as calls are.
(module
  (func (export "_initialize") (loop (br 0))))
