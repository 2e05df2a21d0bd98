;; Calls a function of the host that calls the same library again: that call is refused, the first one goes on.
(module
  (import "env" "reenter" (func $reenter))
  (func (export "attack") (call $reenter)))
